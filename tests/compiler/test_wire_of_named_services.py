"""The everyday calls of named services, byte for byte as their vendors document them.

What is written here comes from the vendors' own reference pages, not from the descriptions that tools are compiled
from: it is what those can have wrong.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from trunkline.catalog import Catalog
from trunkline.category.request import Request, RequestBuilder
from trunkline.contract import AuthScheme, Plan, Service


class Call(NamedTuple):
    """`head` is what the request's headers must have; None: must not."""

    tool: str
    arguments: dict[str, Any]
    line: str  # method and URL
    body: bytes | None = None
    head: Mapping[str, str | None] = MappingProxyType({})


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BYTES = {"Content-Type": "application/octet-stream"}
NO_BODY: dict[str, str | None] = {"Content-Type": None}
GRAPH = "https://graph.microsoft.com/v1.0"
VARIABLES = {
    "site": "acme",
    "subdomain": "acme",
    "shop": "acme",
    "instance": "acme",
    "dc": "us6",
    "region": "us",
    "tenant": "45e4708e-d862-4111-ab3a-dd8cd03913e1",
    "cloudid": "11111111-2222-4333-8444-555555555555",
}
CALLS = [
    Call(
        "github_create_issue",
        {"owner": "o", "repo": "r", "title": "Dead link"},
        "POST https://api.github.com/repos/o/r/issues",
        b'{"title":"Dead link"}',
        {"X-GitHub-Api-Version": "2022-11-28", **JSON},
    ),
    Call(
        "github_get_repo_content",
        {"owner": "o", "repo": "r", "path": "src/a b.py", "ref": "main"},
        "GET https://api.github.com/repos/o/r/contents/src/a%20b.py?ref=main",
    ),
    Call(
        "gitlab_get_file",
        {"project_id": "group/app", "file_path": "src/a.py", "ref": "main"},
        "GET https://gitlab.com/api/v4/projects/group%2Fapp/repository/files/src%2Fa.py?ref=main",
    ),
    Call(
        "bitbucket_create_repository_pullrequest",
        {"workspace": "w", "repo_slug": "r", "title": "t", "source": {"branch": {"name": "f"}}},
        "POST https://api.bitbucket.org/2.0/repositories/w/r/pullrequests",
        b'{"source":{"branch":{"name":"f"}},"title":"t"}',
    ),
    Call(
        "slack_post_message",
        {"channel": "C1", "text": "é & x"},
        "POST https://slack.com/api/chat.postMessage",
        b"channel=C1&text=%C3%A9+%26+x",
        FORM,
    ),
    Call(
        "slack_list_conversation_replies",
        {"channel": "C1", "ts": "1503435956.000200"},
        "GET https://slack.com/api/conversations.replies?channel=C1&ts=1503435956.000200",
    ),
    Call(
        "jira_search_issues",
        {"jql": "project = A", "fields": ["summary", "status"]},
        "GET https://acme.atlassian.net/rest/api/3/search/jql?jql=project%20%3D%20A&fields=summary,status",
    ),
    Call(
        "asana_create_task",
        {"data": {"name": "n", "workspace": "1"}},
        "POST https://app.asana.com/api/1.0/tasks",
        b'{"data":{"name":"n","workspace":"1"}}',
    ),
    Call(
        "trello_create_card",
        {"name": "n", "idList": "5"},
        "POST https://api.trello.com/1/cards",
        b'{"idList":"5","name":"n"}',
    ),
    Call(
        "azure-resources_list_resource_groups",
        {"subscriptionId": "s"},
        "GET https://management.azure.com/subscriptions/s/resourcegroups?api-version=2019-08-01",
    ),
    Call(
        "google-sheets_append_values",
        {"spreadsheetId": "s", "range": "Tab!A1", "valueInputOption": "USER_ENTERED", "values": [["a", 1]]},
        "POST https://sheets.googleapis.com/v4/spreadsheets/s/values/Tab%21A1:append?valueInputOption=USER_ENTERED",
        b'{"values":[["a",1]]}',
    ),
    Call(
        "gmail_send_message",
        {"userId": "me", "raw": "YQ"},
        "POST https://gmail.googleapis.com/gmail/v1/users/me/messages/send",
        b'{"raw":"YQ"}',
    ),
    Call(
        "microsoft-onenote_create_me_onenote_section_pages",
        {"onenoteSection-id": "s", "body": "<html/>"},
        f"POST {GRAPH}/me/onenote/sections/s/pages",
        b"<html/>",
        {"Content-Type": "text/html"},
    ),
    Call(
        "microsoft-files_upload_file",
        {"drive-id": "d", "parent-id": "root", "file-path": "a/b c.txt", "body": "hi"},
        f"PUT {GRAPH}/drives/d/items/root:/a/b%20c.txt:/content",
        b"hi",
        BYTES,
    ),
    Call(
        "microsoft-files_search_drive_drives",
        {"drive-id": "d", "q": "it's"},
        f"GET {GRAPH}/drives/d/microsoft.graph.search(q='it%27%27s')",
    ),
    Call(
        "dropbox_upload_file",
        {"Dropbox-API-Arg": {"path": "/é.txt", "mode": "overwrite"}, "body": "data:text/plain;base64,aGk="},
        "POST https://content.dropboxapi.com/2/files/upload",
        b"hi",
        {"Dropbox-API-Arg": '{"path":"/\\u00e9.txt","mode":"overwrite"}', **BYTES},
    ),
    Call(
        "dropbox_download_file",
        {"Dropbox-API-Arg": {"path": "/a.txt"}},
        "POST https://content.dropboxapi.com/2/files/download",
        None,
        {"Dropbox-API-Arg": '{"path":"/a.txt"}', **NO_BODY},
    ),
    Call(
        "dropbox_list_file_folders",
        {"path": ""},
        "POST https://api.dropboxapi.com/2/files/list_folder",
        b'{"path":""}',
        JSON,
    ),
    Call(
        "dropbox_get_user_current_account",
        {},
        "POST https://api.dropboxapi.com/2/users/get_current_account",
        None,
        NO_BODY,
    ),
    Call(
        "dropbox_create_sharing_list_folder", {}, "POST https://api.dropboxapi.com/2/sharing/list_folders", b"{}", JSON
    ),
    Call(
        "salesforce_query",
        {"q": "SELECT Id FROM Account"},
        "GET https://acme.my.salesforce.com/services/data/v62.0/query?q=SELECT%20Id%20FROM%20Account",
    ),
    Call(
        "hubspot_create_contact",
        {"properties": {"email": "a@b.example"}},
        "POST https://api.hubapi.com/crm/v3/objects/contacts",
        b'{"properties":{"email":"a@b.example"}}',
    ),
    Call(
        "openai_create_chat_completion",
        {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
        "POST https://api.openai.com/v1/chat/completions",
        b'{"model":"m","messages":[{"role":"user","content":"hi"}]}',
    ),
    Call(
        "stripe_create_payment_intent",
        {"amount": 100, "currency": "eur", "metadata": {"k": "v"}, "payment_method_types": ["card"]},
        "POST https://api.stripe.com/v1/payment_intents",
        b"amount=100&currency=eur&metadata%5Bk%5D=v&payment_method_types%5B%5D=card",
        FORM,
    ),
    Call(
        "xero_list_invoices",
        {"page": 1},
        "GET https://api.xero.com/api.xro/2.0/Invoices?page=1",
        None,
        {"xero-tenant-id": VARIABLES["tenant"], "Accept": "application/json"},
    ),
    Call(
        "mailchimp_create_list_member",
        {"list_id": "l", "email_address": "a@b.example", "status": "subscribed"},
        "POST https://us6.api.mailchimp.com/3.0/lists/l/members",
        b'{"email_address":"a@b.example","status":"subscribed"}',
    ),
    Call(
        "notion_search",
        {"query": "plan"},
        "POST https://api.notion.com/v1/search",
        b'{"query":"plan"}',
        {"Notion-Version": "2025-09-03", **JSON},
    ),
    Call(
        "zendesk_create_ticket",
        {"ticket": {"comment": {"body": "b"}}},
        "POST https://acme.zendesk.com/api/v2/tickets",
        b'{"ticket":{"comment":{"body":"b"}}}',
    ),
    Call(
        "shopify_update_product",
        {"product_id": 7, "product": {"title": "t"}},
        "PUT https://acme.myshopify.com/admin/api/2026-01/products/7.json",
        b'{"product":{"title":"t"}}',
    ),
    Call(
        "twilio_create_message",
        {"AccountSid": "AC1", "To": "+1", "From": "+2", "Body": "hi"},
        "POST https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        b"Body=hi&From=%2B2&To=%2B1",
        FORM,
    ),
    Call("zoom_get_meeting", {"meetingId": 7}, "GET https://api.zoom.us/v2/meetings/7"),
    Call("box_list_folder_items", {"folder_id": "0"}, "GET https://api.box.com/2.0/folders/0/items"),
    Call(
        "figma_create_comment",
        {"file_key": "k", "message": "m"},
        "POST https://api.figma.com/v1/files/k/comments",
        b'{"message":"m"}',
    ),
]


async def tool(folder: Path, name: str) -> tuple[Service, Plan]:
    integration = await Catalog.open(folder).integration(name.partition("_")[0])
    spec = integration.tool(name)
    assert spec is not None, f"there is no {name}"
    assert isinstance(spec.plan, Plan)
    return integration.service, spec.plan


async def built(folder: Path, name: str, arguments: dict[str, Any], scheme: AuthScheme | None = None) -> Request:
    service, plan = await tool(folder, name)
    return RequestBuilder(service, plan).build(arguments, VARIABLES, scheme)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.tool)
async def test_a_call_is_what_the_vendor_documents(catalog_folder: Path, call: Call) -> None:
    request = await built(catalog_folder, call.tool, call.arguments)
    assert f"{request.method} {request.url}" == call.line
    assert request.body == call.body
    assert {name: request.headers.get(name) for name in call.head} == call.head


async def test_a_token_of_atlassians_oauth_goes_to_its_gateway(catalog_folder: Path) -> None:
    service, _ = await tool(catalog_folder, "jira_get_issue")
    oauth = next(scheme for scheme in service.auth if scheme.oauth2)
    request = await built(catalog_folder, "jira_get_issue", {"issueIdOrKey": "A-1"}, oauth)
    assert request.url == f"https://api.atlassian.com/ex/jira/{VARIABLES['cloudid']}/rest/api/3/issue/A-1"


async def test_a_file_goes_to_box_after_its_attributes(catalog_folder: Path) -> None:
    arguments = {"attributes": {"name": "a.txt", "parent": {"id": "0"}}, "file": "hi"}
    request = await built(catalog_folder, "box_create_file_content", arguments)
    assert request.url == "https://upload.box.com/api/2.0/files/content"
    assert request.body is not None
    assert 0 < request.body.index(b'name="attributes"') < request.body.index(b'name="file"; filename=')


async def test_a_file_for_stripe_is_a_file_at_its_upload_host(catalog_folder: Path) -> None:
    file = {"filename": "id.png", "content_base64": "aGk="}
    request = await built(catalog_folder, "stripe_create_file", {"purpose": "dispute_evidence", "file": file})
    assert request.url == "https://files.stripe.com/v1/files"
    assert request.body is not None
    assert b'name="file"; filename="id.png"\r\nContent-Type: image/png\r\n' in request.body


async def test_a_mail_file_is_sent_as_the_mail_that_it_is(catalog_folder: Path) -> None:
    request = await built(catalog_folder, "gmail_send_mail_file", {"userId": "me", "file": "Subject: x\r\n\r\nhi"})
    assert request.url == ("https://gmail.googleapis.com/upload/gmail/v1/users/me/messages/send?uploadType=multipart")
    assert request.body is not None
    assert b"Content-Type: message/rfc822\r\n\r\nSubject: x" in request.body
