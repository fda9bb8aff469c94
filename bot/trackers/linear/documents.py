"""What is asked of Linear, as GraphQL. Every text names only fields of Linear's public schema.

Owns the texts and their sizes. Each asks for what is read and no more: Linear counts the complexity of every question.
"""

from __future__ import annotations

from typing import Final

from graphs.model import Value

PAGE: Final = 100
"""Of 250 that Linear would give; a page of all that one question of ours reaches stays far below its limit."""


class Document(Value):
    """One operation and its name, which errors and Linear's own logs know it by."""

    name: str
    text: str


_PAGE_INFO: Final = "pageInfo { hasNextPage endCursor }"
_ISSUE: Final = f"""
  id identifier title description url createdAt updatedAt archivedAt trashed
  team {{ key visibility }}
  state {{ type }}
  assignee {{ id displayName }}
  creator {{ id displayName app }}
  botActor {{ name }}
  labels(first: {PAGE}) {{ nodes {{ id name }} {_PAGE_INFO} }}
"""
_LISTED: Final = "identifier createdAt updatedAt archivedAt trashed state { type }"

ISSUE: Final = Document(
    name="ReadIssue",
    text=f"query ReadIssue($id: String!) {{ issue(id: $id) {{ {_ISSUE} }} }}",
)
COMMENTS: Final = Document(
    name="ReadComments",
    text=f"""query ReadComments($id: String!, $after: String) {{
  issue(id: $id) {{
    identifier
    comments(first: {PAGE}, after: $after) {{
      nodes {{ id body createdAt user {{ id displayName }} botActor {{ name }} externalUser {{ displayName }} }}
      {_PAGE_INFO}
    }}
  }}
}}""",
)
LABELS: Final = Document(
    name="ReadLabels",
    text=f"""query ReadLabels($filter: IssueLabelFilter, $after: String) {{
  issueLabels(filter: $filter, first: {PAGE}, after: $after) {{
    nodes {{ id name isGroup team {{ id key }} }}
    {_PAGE_INFO}
  }}
}}""",
)
TEAMS: Final = Document(
    name="ReadTeams",
    text="query ReadTeams($filter: TeamFilter) { teams(filter: $filter) { nodes { id key } } }",
)
PEOPLE: Final = Document(
    name="ReadPeople",
    text=f"""query ReadPeople($filter: UserFilter) {{
  users(filter: $filter, first: {PAGE}) {{ nodes {{ id displayName active isAssignable }} }}
}}""",
)
ISSUES: Final = Document(
    name="ListIssues",
    text=f"""query ListIssues($filter: IssueFilter, $sort: [IssueSortInput!], $archived: Boolean, $after: String) {{
  issues(filter: $filter, sort: $sort, includeArchived: $archived, first: {PAGE}, after: $after) {{
    nodes {{ {_LISTED} }}
    {_PAGE_INFO}
  }}
}}""",
)
ADD_LABEL: Final = Document(
    name="AddLabel",
    text=f"""mutation AddLabel($id: String!, $label: String!) {{
  issueAddLabel(id: $id, labelId: $label) {{ success issue {{ {_ISSUE} }} }}
}}""",
)
REMOVE_LABEL: Final = Document(
    name="RemoveLabel",
    text=f"""mutation RemoveLabel($id: String!, $label: String!) {{
  issueRemoveLabel(id: $id, labelId: $label) {{ success issue {{ {_ISSUE} }} }}
}}""",
)
UPDATE: Final = Document(
    name="UpdateIssue",
    text=f"""mutation UpdateIssue($id: String!, $input: IssueUpdateInput!) {{
  issueUpdate(id: $id, input: $input) {{ success issue {{ {_ISSUE} }} }}
}}""",
)
CREATE_LABEL: Final = Document(
    name="CreateLabel",
    text="""mutation CreateLabel($input: IssueLabelCreateInput!) {
  issueLabelCreate(input: $input) { success issueLabel { id name } }
}""",
)
COMMENT: Final = Document(
    name="CreateComment",
    text="""mutation CreateComment($input: CommentCreateInput!) {
  commentCreate(input: $input) { success comment { id } }
}""",
)
DELETE_COMMENT: Final = Document(
    name="DeleteComment",
    text="mutation DeleteComment($id: String!) { commentDelete(id: $id) { success } }",
)
