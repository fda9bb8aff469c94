"""Texts that shape what the agent says, versioned and released: `<name>/vN.md` with front matter."""
