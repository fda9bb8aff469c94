"""The slice of Linear's schema that is needed here, by its names; a test holds it to Linear's own types."""

from __future__ import annotations

from functools import cache

from graphql import GraphQLSchema, build_schema

SDL = """
scalar DateTime
scalar DateTimeOrDuration

enum TeamVisibility { public private restricted }
enum PaginationSortOrder { Ascending Descending }

type PageInfo { hasNextPage: Boolean! endCursor: String }

type User { id: ID! name: String! displayName: String! app: Boolean! active: Boolean! isAssignable: Boolean! }
type UserConnection { nodes: [User!]! pageInfo: PageInfo! }
type ActorBot { name: String }
type ExternalUser { displayName: String! }

type Team { id: ID! key: String! name: String! visibility: TeamVisibility! }
type TeamConnection { nodes: [Team!]! pageInfo: PageInfo! }

type WorkflowState { id: ID! name: String! type: String! }

type IssueLabel { id: ID! name: String! isGroup: Boolean! team: Team }
type IssueLabelConnection { nodes: [IssueLabel!]! pageInfo: PageInfo! }

type Comment {
  id: ID! body: String! createdAt: DateTime! user: User botActor: ActorBot externalUser: ExternalUser
}
type CommentConnection { nodes: [Comment!]! pageInfo: PageInfo! }

type Issue {
  id: ID! identifier: String! number: Float! title: String! description: String url: String!
  createdAt: DateTime! updatedAt: DateTime! archivedAt: DateTime trashed: Boolean
  team: Team! state: WorkflowState! assignee: User creator: User botActor: ActorBot
  labels(first: Int, after: String): IssueLabelConnection!
  comments(first: Int, after: String): CommentConnection!
}
type IssueConnection { nodes: [Issue!]! pageInfo: PageInfo! }

input StringComparator { eq: String neq: String in: [String!] nin: [String!] eqIgnoreCase: String }
input BooleanComparator { eq: Boolean }
input DateComparator { gte: DateTimeOrDuration }
input NullableTeamFilter { null: Boolean key: StringComparator }
input TeamFilter { key: StringComparator }
input WorkflowStateFilter { type: StringComparator }
input UserFilter { displayName: StringComparator active: BooleanComparator }
input IssueLabelFilter { name: StringComparator team: NullableTeamFilter or: [IssueLabelFilter!] }
input IssueFilter {
  team: TeamFilter state: WorkflowStateFilter createdAt: DateComparator updatedAt: DateComparator
}
input CreatedAtSort { order: PaginationSortOrder }
input UpdatedAtSort { order: PaginationSortOrder }
input IssueSortInput { createdAt: CreatedAtSort updatedAt: UpdatedAtSort }

type Query {
  viewer: User!
  issue(id: String!): Issue!
  issues(
    filter: IssueFilter, sort: [IssueSortInput!], includeArchived: Boolean, first: Int, after: String
  ): IssueConnection!
  issueLabels(filter: IssueLabelFilter, first: Int, after: String): IssueLabelConnection!
  teams(filter: TeamFilter, first: Int, after: String): TeamConnection!
  users(filter: UserFilter, first: Int, after: String): UserConnection!
}

input IssueUpdateInput { assigneeId: String }
input IssueLabelCreateInput { name: String! color: String teamId: String }
input CommentCreateInput { id: String issueId: String body: String }

type IssuePayload { success: Boolean! issue: Issue }
type IssueLabelPayload { success: Boolean! issueLabel: IssueLabel! }
type CommentPayload { success: Boolean! comment: Comment! }
type DeletePayload { success: Boolean! }

type Mutation {
  issueAddLabel(id: String!, labelId: String!): IssuePayload!
  issueRemoveLabel(id: String!, labelId: String!): IssuePayload!
  issueUpdate(id: String!, input: IssueUpdateInput!): IssuePayload!
  issueLabelCreate(input: IssueLabelCreateInput!): IssueLabelPayload!
  commentCreate(input: CommentCreateInput!): CommentPayload!
  commentDelete(id: String!): DeletePayload!
}
"""


@cache
def schema() -> GraphQLSchema:
    return build_schema(SDL)
