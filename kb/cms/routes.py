"""The rules for Wagtail's own routes under /cms/ (`web.cms`); docs/access-cms.md shows who gets what.

Closed routes are what the product does elsewhere (people, groups and sites follow from roles and settings; the audit
log is under Management) or not at all (collections, privacy, workflows made by hand, Wagtail's API).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from wagtail.models import Revision

from kb.cms import guards, readers
from web import scope
from web.descriptions import CLOSED, Route, Seen, routes
from web.packages import merged
from web.params import number

PAGE, FAQ, PICTURE, DOCUMENT = "wagtailcore.Page", "kb.Faq", "files.Picture", "files.Attachment"
REVISION, UPLOAD = "wagtailcore.Revision", "wagtailcore.UploadedFile"


def compared(value: str, _kwargs: Mapping[str, Any]) -> bool:
    """True for one side of a comparison that exists for the reader. Wagtail itself looks up `live`, `earliest` and
    `latest` among those."""
    return number(value) is None or scope.is_visible(Revision, value)


WORK: dict[str, str | Seen] = {
    "revision_id": REVISION,
    "revision_id_a": compared,
    "revision_id_b": compared,
    "task_state_id": "wagtailcore.TaskState",
    "workflow_state_id": "wagtailcore.WorkflowState",
}
PAGES: dict[str, str | Seen] = {
    **WORK,
    **dict.fromkeys(("page_id", "parent_page_id", "page_to_move_id", "destination_id", "pk"), PAGE),
}
SENT = {
    "overwrite_revision_id": REVISION,
    "loaded_revision_id": REVISION,
    "topic": "kb.TopicPage",
    "picture": PICTURE,
}
PLACES = dict.fromkeys(
    ("parent_page", "new_parent_page", "parent_page_id", "child_of", "descendant_of", "target_pages[]"),
    PAGE,
)


def _pages() -> Iterator[dict[str, Route]]:
    yield routes(Route(rows=PAGES), "wagtailadmin_explore_root wagtailadmin_explore wagtailadmin_explore_results")
    yield routes(
        Route(rows=PAGES, sent=PLACES | SENT),
        """
        add preview_on_add choose_parent usage edit preview_on_edit view_draft add_subpage convert_alias search
        search_results move set_page_position collect_workflow_action_data
        confirm_workflow_cancellation workflow_preview lock unlock revisions_index revisions_view revisions_revert
        revisions_unschedule revisions_compare workflow_history workflow_history_detail history history_results
        type_use type_use_results
        """,
        "wagtailadmin_pages:",
    )
    yield routes(Route(rows=PAGES, guard=readers.approving), "workflow_action", "wagtailadmin_pages:")
    yield routes(Route(rows=PAGES, guard=guards.nothing_hidden_below), "move_confirm", "wagtailadmin_pages:")
    guard = guards.each(guards.nothing_hidden_below, readers.aliases_follow)
    yield routes(Route(rows=PAGES, guard=guard), "delete", "wagtailadmin_pages:")
    guard = guards.nothing_hidden_below_if("copy_subpages")
    yield routes(Route(rows=PAGES, sent=PLACES, guard=guard), "copy", "wagtailadmin_pages:")
    guard = guards.each(guards.nothing_hidden_below_if("include_descendants"), readers.aliases_follow)
    yield routes(Route(rows=PAGES, sent=PLACES, guard=guard), "unpublish", "wagtailadmin_pages:")
    yield routes(
        Route(rows=PAGES, sent=PLACES | {"id": PAGE}),
        """
        wagtailadmin_choose_page wagtailadmin_choose_page_child wagtailadmin_choose_page_search
        wagtailadmin_choose_page_chosen_multiple wagtailadmin_choose_page_external_link
        wagtailadmin_choose_page_email_link wagtailadmin_choose_page_phone_link wagtailadmin_choose_page_anchor_link
        """,
    )
    yield routes(Route(rows=PAGES, sent=PLACES), "listing detail", "wagtailadmin_api:pages:")
    yield routes(Route(), "locked_pages locked_pages_results aging_pages aging_pages_results", "wagtailadmin_reports:")


def _faqs() -> Iterator[dict[str, Route]]:
    yield routes(
        Route(rows=WORK | {"pk": FAQ}, sent=SENT),
        """
        list list_results add edit delete usage history history_results copy preview_on_add preview_on_edit
        revisions_view revisions_revert revisions_compare revisions_unschedule unpublish lock unlock
        collect_workflow_action_data confirm_workflow_cancellation workflow_history workflow_history_detail
        workflow_preview
        """,
        "wagtailsnippets_kb_faq:",
    )
    yield routes(
        Route(rows=WORK | {"pk": FAQ}, guard=readers.approving),
        "workflow_action",
        "wagtailsnippets_kb_faq:",
    )
    yield routes(
        Route(rows={"pk": FAQ}, sent={"id": FAQ, "topic": "kb.TopicPage"}),
        "choose choose_results chosen chosen_multiple create",
        "wagtailsnippetchoosers_kb_faq:",
    )
    yield routes(Route(), "wagtailsnippets:index")
    yield routes(
        Route(rows={"page_id": PAGE}, guard=guards.nothing_hidden_below_if("include_subtree")),
        "simple_translation:submit_page_translation",
    )
    yield routes(Route(rows={"pk": guards.of_model}), "simple_translation:submit_snippet_translation")


def _files() -> Iterator[dict[str, Route]]:
    yield routes(
        Route(rows={"document_id": DOCUMENT, "doc_id": DOCUMENT, "uploaded_file_id": UPLOAD}),
        """
        index index_results add edit delete add_multiple edit_multiple create_multiple_from_uploaded_document
        delete_multiple delete_upload_multiple document_usage
        """,
        "wagtaildocs:",
    )
    yield routes(
        Route(rows={"image_id": PICTURE, "uploaded_file_id": UPLOAD}),
        """
        index index_results edit delete add image_usage add_multiple edit_multiple
        create_multiple_from_uploaded_image delete_multiple delete_upload_multiple
        """,
        "wagtailimages:",
    )
    for prefix, model, more in (
        ("wagtaildocs_chooser:", DOCUMENT, ""),
        ("wagtailimages_chooser:", PICTURE, "select_format"),
    ):
        rows = {"pk": model, "image_id": model}
        yield routes(
            Route(rows=rows, sent={"id": model}), f"choose choose_results chosen chosen_multiple create {more}", prefix
        )


def _rest() -> Iterator[dict[str, Route]]:
    yield routes(
        Route(),
        """
        wagtailadmin_home wagtailadmin_account wagtailadmin_logout wagtailadmin_dismissibles wagtailadmin_sprite
        wagtailadmin_javascript_catalog wagtailadmin_login wagtailadmin_block_preview
        wagtailadmin_editing_sessions:release
        wagtailadmin_password_reset wagtailadmin_password_reset_done wagtailadmin_password_reset_confirm
        wagtailadmin_password_reset_complete
        """,
    )
    yield routes(
        Route(rows={"object_id": guards.of_model}, sent={"revision_id": REVISION}), "wagtailadmin_editing_sessions:ping"
    )
    yield routes(Route(guard=guards.bulk), "wagtail_bulk_action")
    yield routes(Route(rows={"pk": guards.of_model}, sent={"topic": "kb.TopicPage"}), "readers readers_new")
    yield routes(
        Route(rows={"redirect_id": "wagtailredirects.Redirect"}, sent={"redirect_page": PAGE}),
        "index index_results add edit delete start_import",
        "wagtailredirects:",
    )
    yield routes(Route(guard=guards.import_goes_on), "wagtailredirects:process_import")


def _closed() -> Iterator[dict[str, Route]]:
    for prefix, closed in {
        "": """
            wagtailadmin_error_test wagtailadmin_tag_autocomplete
            wagtailadmin_tag_model_autocomplete
        """,
        "wagtailadmin_api:pages:": "find action",
        "wagtailadmin_api:documents:": "listing detail find",
        "wagtailadmin_api:images:": "listing detail find",
        "wagtailadmin_pages:": "set_privacy",
        "wagtailadmin_collections:": "index add edit delete set_privacy",
        "wagtailadmin_workflows:": """
            index index_results add enable disable edit usage usage_results remove add_task select_task_type task_index
            task_index_results edit_task disable_task enable_task task_chooser task_chooser_results task_chooser_create
            task_chosen
        """,
        "wagtailadmin_reports:": """
            workflow workflow_results workflow_tasks workflow_tasks_results site_history site_history_results
            page_types_usage page_types_usage_results
        """,
        "wagtailembeds:": "chooser chooser_upload",
        "wagtailimages:": "url_generator url_generator_output preview",
        "wagtailsites:": "index index_results add edit delete history history_results usage copy",
        "wagtailusers_users:": "index index_results add edit delete history history_results usage copy",
        "wagtailusers_groups:": "index index_results add edit delete history history_results usage",
    }.items():
        yield routes(CLOSED, closed, prefix)


ROUTES = merged([*_pages(), *_faqs(), *_files(), *_rest(), *_closed()])
