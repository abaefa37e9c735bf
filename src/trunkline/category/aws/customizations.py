"""What AWS's own SDKs do beside the service models, for single operations: botocore's handlers.

Route 53 ids lose their prefix, the data of an encryption key gets its digest, policies in answers are decoded, and so
on. Handlers that write documentation, choose endpoints or need a client are left out; so are those that sign a second
URL into a copy between regions: such a copy wants `PresignedUrl` as an argument.
"""

from typing import Any, Final

from botocore import handlers
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.model import OperationModel

_EVENTS: Final = ("before-parameter-build", "before-call", "request-created", "before-parse", "after-call")
_LEFT_OUT: Final = (
    handlers.inject_presigned_url_ec2,
    handlers.inject_presigned_url_rds,
    handlers.add_recursion_detection_header,
    handlers.add_expect_header,
    handlers.convert_body_to_file_like_object,
    handlers.remove_accid_host_prefix_from_model,
)


def emitter() -> EventAliaser:
    """Handlers of the events that a call goes through; it knows services by their older names too."""
    found = EventAliaser(HierarchicalEmitter())
    for event, handler, *_ in handlers.BUILTIN_HANDLERS:
        if event.partition(".")[0] in _EVENTS and handler not in _LEFT_OUT:
            found.register(event, handler)
    return found


def event(stage: str, model: OperationModel) -> str:
    """The event's name: `before-call.s3.PutObject`."""
    service: Any = model.service_model.service_id
    return f"{stage}.{service.hyphenize()}.{model.name}"
