"""What a check finds: a sentence, how bad it is, and how to mend it."""

from __future__ import annotations

from enum import StrEnum

from graphs.model import Value


class Grade(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BROKEN = "broken"


class Check(Value):
    name: str
    grade: Grade
    finding: str
    fix: str = ""

    @property
    def is_broken(self) -> bool:
        return self.grade is Grade.BROKEN


def good(name: str, finding: str) -> Check:
    return Check(name=name, grade=Grade.GOOD, finding=finding)


def warning(name: str, finding: str, fix: str) -> Check:
    return Check(name=name, grade=Grade.WARNING, finding=finding, fix=fix)


def broken(name: str, finding: str, fix: str) -> Check:
    return Check(name=name, grade=Grade.BROKEN, finding=finding, fix=fix)
