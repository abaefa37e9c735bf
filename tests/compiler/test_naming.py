"""Names and effects: what a model sees first."""

import pytest

from trunkline.compiler.effects import effect_of, is_idempotent
from trunkline.compiler.naming import base_name, wire_name
from trunkline.compiler.text import plain
from trunkline.contract import Effect

NAMES = [
    ("issues/create", "POST", "/repos/{owner}/{repo}/issues", "create_issue"),
    ("issues/list-for-repo", "GET", "/repos/{owner}/{repo}/issues", "list_issues_for_repo"),
    ("issues/create-comment", "POST", "/repos/{o}/{r}/issues/{n}/comments", "create_issue_comment"),
    ("search/code", "GET", "/search/code", "search_code"),
    ("conversations_list", "GET", "/conversations.list", "list_conversations"),
    ("conversations_setTopic", "POST", "/conversations.setTopic", "set_conversation_topic"),
    ("admin_teams_create", "POST", "/admin.teams.create", "create_admin_team"),
    ("createIssue", "POST", "/rest/api/3/issue", "create_issue"),
    ("getPriorities", "GET", "/rest/api/3/priority", "list_priorities"),
    ("PostCustomers", "POST", "/v1/customers", "create_customer"),
    ("GetCustomers", "GET", "/v1/customers", "list_customers"),
    ("GetCustomersCustomer", "GET", "/v1/customers/{customer}", "get_customer"),
    ("PostCustomersCustomer", "POST", "/v1/customers/{customer}", "update_customer"),
    ("PostChargesChargeCapture", "POST", "/v1/charges/{charge}/capture", "capture_charge"),
    ("GetSetupIntents", "GET", "/v1/setup_intents", "list_setup_intents"),
    ("getListsIdMembersId", "GET", "/lists/{list_id}/members/{hash}", "get_list_member"),
    ("get_files_id_content", "GET", "/files/{file_id}/content", "get_file_content"),
    ("postV3ProjectsIdIssues", "POST", "/v3/projects/{id}/issues", "create_project_issue"),
    ("updateBoardsNameByIdBoard", "PUT", "/boards/{idBoard}/name", "update_board_name"),
    ("groupCreate", "POST", "/groups", "create_group"),
    ("linkTokenCreate", "POST", "/link/token/create", "create_link_token"),
    ("retrieve-a-page", "GET", "/v1/pages/{page_id}", "get_page"),
    ("post-search", "POST", "/v1/search", "search"),
    ("ListMessage", "GET", "/Accounts/{sid}/Messages.json", "list_messages"),
    ("post-/crm/v3/objects/contacts/search_doSearch", "POST", "/crm/v3/objects/contacts/search", "search_contacts"),
    ("get_voices_v1_voices_get", "GET", "/v1/voices", "list_voices"),
    ("markAllCommentAsRead", "POST", "/comments/markAllAsRead", "mark_all_comment_as_read"),
    ("importContactsToList", "POST", "/lists/{id}/import", "import_contacts_to_list"),
    ("", "POST", "/sendMessage", "send_message"),
    ("", "POST", "/servers/{id}/actions/enable_backup", "enable_server_backup"),
    ("", "GET", "/people.json", "list_people"),
    ("", "DELETE", "/v2/droplets/{droplet_id}", "delete_droplet"),
    ("", "GET", "/", "get_root"),
]


@pytest.mark.parametrize(("operation", "method", "path", "expected"), NAMES)
def test_a_name_is_verb_and_noun(operation: str, method: str, path: str, expected: str) -> None:
    assert base_name(operation, method, path) == expected


def test_a_long_name_keeps_verb_and_end_and_stays_unique() -> None:
    base = "list_" + "_".join(["very", "long", "words", "for", "the", "name"] * 4) + "_of_members"
    name = wire_name("acme", base)
    assert len(name) <= 64
    assert name.startswith("acme_list_")
    assert name.endswith("_members")
    second = wire_name("acme", base, {name})
    assert second != name
    assert len(second) <= 64


EFFECTS = [
    ("GET", "list_issues", Effect.READ),
    ("GET", "open_view", Effect.WRITE),
    ("GET", "revoke_auth", Effect.DELETE),
    ("POST", "create_issue", Effect.WRITE),
    ("POST", "search_contacts", Effect.READ),
    ("POST", "batch_read_contact", Effect.READ),
    ("POST", "read_notification", Effect.WRITE),
    ("POST", "list_bulk_set_issue_properties", Effect.WRITE),
    ("POST", "get_mark_message_as", Effect.WRITE),
    ("POST", "run_query", Effect.WRITE),
    ("POST", "delete_message", Effect.DELETE),
    ("POST", "create_contact_gdpr_delete", Effect.DELETE),
    ("PUT", "update_board", Effect.WRITE),
    ("DELETE", "delete_droplet", Effect.DELETE),
]


@pytest.mark.parametrize(("method", "name", "effect"), EFFECTS)
def test_an_effect_follows_from_method_and_verb(method: str, name: str, effect: Effect) -> None:
    assert effect_of(method, name) is effect


@pytest.mark.parametrize(
    ("summary", "effect"),
    [("Pin a List", Effect.WRITE), ("Adds members", Effect.WRITE), ("Get pins", Effect.READ), ("", Effect.READ)],
)
def test_a_post_whose_summary_says_that_it_does_something_does_not_only_read(summary: str, effect: Effect) -> None:
    assert effect_of("POST", "list_user_pins", summary) is effect


def test_only_what_may_be_repeated_is_idempotent() -> None:
    assert is_idempotent("PUT")
    assert is_idempotent("DELETE")
    assert not is_idempotent("POST")
    assert not is_idempotent("PATCH")


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("<p>Creates a <a href='x'>thing</a>.</p>", 80, "Creates a thing."),
        ("One. Two. Three.", 11, "One. Two."),
        ("A very long sentence without an end", 20, "A very long…"),
        ("Use `code` and **bold** and _NOTE: this_ and a_b_c", 80, "Use code and bold and NOTE: this and a_b_c"),
        (None, 80, ""),
    ],
)
def test_text_becomes_plain_and_short(text: str | None, limit: int, expected: str) -> None:
    assert plain(text, limit) == expected
