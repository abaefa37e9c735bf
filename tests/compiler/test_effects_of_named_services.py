"""What tools of the named services do to the world, judged by hand from what the services say of them."""

from pathlib import Path

import pytest

from trunkline.catalog import Catalog
from trunkline.contract import Effect

READ = {
    "github": "list_issues get_repo list_pull_requests get_repo_content search_code list_workflow_runs_for_repo "
    "download_repo_zipball_archive get_rate_limit list_org_attestations_bulks",
    "gitlab": "list_issues list_merge_requests get_file list_branches list_pipelines get_job_log lint_ci_configuration",
    "bitbucket": "get_snippet get_repository_download list_repository_issue_comments get_repository_merge_base "
    "list_user_ssh_keys get_pipeline_step_for_repository",
    "slack": "list_conversations get_dnd_info list_conversation_replies list_files find_user_by_email search_messages "
    "list_users get_team_profile find_canvas_sections",
    "jira": "get_issue search_issues_by_post get_comments_by_ids get_worklogs_for_ids count_issues "
    "get_bulk_permissions find_users_for_picker list_screens get_change_logs_by_ids",
    "asana": "get_tasks_for_project get_task list_users get_tasks_for_tag get_statuses_for_object list_events",
    "salesforce": "get_record list_objects query_more search get_records run_report get_limits describe_report",
    "hubspot": "search_contacts batch_read_contact search_deals list_owners list_pipeline_stages read_associations",
    "openai": "list_models get_model list_files get_file download_file list_fine_tunes",
    "stripe": "list_charges list_customers search_prices get_payment_method list_refunds get_account",
    "square": "search_orders batch_retrieve_orders search_catalog_items get_card list_merchants search_customers",
    "xero": "list_invoices list_accounts get_report_trial_balance get_quote_history list_contact_groups get_journal",
    "mailchimp": "list_lists get_campaign_send_checklist get_list_growth_history get_report_sent_to list_batches",
    "sendgrid": "list_senders get_template search_contactdb_recipients search_marketing_singlesends",
    "notion": "search query_data_source get_page get_block list_block_children list_users get_page_markdown",
    "trello": "get_action get_card_board list_member_deltas get_label list_card_stickers get_list_board",
    "zoom": "get_meeting_poll list_webinar_registrants report_daily get_past_webinar_qa list_accounts",
    "zendesk": "list_tickets search_users export_tickets find_organizations_by_name list_user_identities get_view",
    "shopify": "list_products get_order count_draft_orders calculate_refund list_inventory_levels list_locations",
    "twilio": "get_message get_recording list_usage_record_monthly list_accounts list_incoming_phone_numbers",
    "box": "list_collaborations get_file_version get_metadata_template get_task_assignment list_shared_item_folders",
    "figma": "get_file get_image list_team_components list_file_versions get_style list_local_variables",
}
WRITE = {
    "github": "create_issue update_repo merge_pull_request create_git_tag pin_issue_comment",
    "gitlab": "create_project archive_project move_issue merge_merge_request approve_merge_request cancel_pipeline",
    "bitbucket": "create_repository_fork import_repository_issue update_repository_commit_comment "
    "create_repository_pullrequest",
    "slack": "post_message archive_conversation approve_admin_app add_reminder publish_view share_me_message",
    "jira": "create_issue update_worklog list_bulk_set_issue_properties set_locale add_actor_users",
    "asana": "create_task update_portfolio create_subtask_for_task add_dependencies_for_task create_project_brief",
    "salesforce": "create_record update_record submit_approvals create_record_tree",
    "hubspot": "create_contact merge_contact update_pipeline create_deal merge_deal",
    "openai": "create_completion create_image create_file cancel_fine_tune create_fine_tune",
    "stripe": "create_payment_intent accept_quote update_subscription create_transfer capture_charge",
    "square": "create_invoice cancel_payment batch_upsert_catalog_objects upsert_snippet create_shift",
    "xero": "create_contacts update_or_create_quotes update_payment create_items update_or_create_manual_journals",
    "mailchimp": "create_campaign send_campaign trigger_customer_journey_step update_list_segment",
    "sendgrid": "batch_mail create_ip_pool update_campaign send_marketing_test_email update_user_profile",
    "notion": "create_page update_page move_page update_block create_comment update_page_markdown",
    "trello": "create_card update_card_labels mark_board_as_viewed read_notification_all update_board_label_name_blue",
    "zoom": "create_webinar update_user_email set_up_account update_meeting_recording_status upload_vb",
    "zendesk": "make_comment_private add_ticket_tags update_user create_macro",
    "shopify": "reopen_order hold_fulfillment_order create_article update_customer",
    "twilio": "create_participant update_call_recording create_incoming_phone_number_toll_free update_sip_domain",
    "box": "copy_file_request create_folder update_comment create_user_terminate_session update_skill_invocation",
    "figma": "create_comment create_webhook update_webhook create_variables",
}
DELETE = {
    "github": "delete_repo delete_package_for_org revoke_credentials delete_org_attestations_bulk",
    "gitlab": "delete_tag remove_member",
    "bitbucket": "delete_repository_deploy_key delete_workspace_hook",
    "slack": "delete_message kick_conversation revoke_file_public_url uninstall_app remove_admin_user delete_canvas",
    "jira": "delete_issue delete_favourite_for_filter delete_and_replace_version",
    "asana": "delete_project delete_story remove_members_for_project remove_project_for_task",
    "salesforce": "delete_records delete_record_by_external_id run_flow run_requests",
    "hubspot": "purge_contact batch_archive_property purge_deal",
    "openai": "delete_file delete_model",
    "stripe": "void_invoice delete_customer_tax_id delete_apple_pay_domain",
    "square": "batch_delete_catalog_objects void_transaction revoke_token",
    "mailchimp": "delete_ecommerce_store_cart delete_list_member_permanent delete_list_interest_category",
    "sendgrid": "delete_marketing_segment delete_marketing_singlesend delete_suppression_block",
    "notion": "delete_block",
    "trello": "delete_board_power_ups delete_organization_member_all delete_card_checklist",
    "zoom": "delete_group delete_device delete_call_log delete_account_plan_base",
    "zendesk": "delete_ticket merge_tickets delete_upload delete_webhook",
    "shopify": "delete_product delete_smart_collection cancel_fulfillment disable_gift_card",
    "twilio": "delete_address delete_key delete_conference_recording",
    "box": "delete_group delete_file_upload_session remove_file_shared_link delete_retention_policy",
    "figma": "delete_comment_reaction delete_dev_resource",
}
JUDGED = {Effect.READ: READ, Effect.WRITE: WRITE, Effect.DELETE: DELETE}


@pytest.mark.parametrize("service", sorted(READ))
async def test_a_tool_says_truly_what_it_does(catalog_folder: Path, service: str) -> None:
    integration = await Catalog.open(catalog_folder).integration(service)
    expected = {
        f"{service}_{name}": effect for effect, names in JUDGED.items() for name in names.get(service, "").split()
    }
    found = {name: spec.effect if (spec := integration.tool(name)) else None for name in expected}
    assert found == expected
