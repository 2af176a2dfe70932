"""What a service raises when it will not do what it was asked; the edge says it to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm.messages import Message, msg


class CrmError(Exception):
    """The root of all refusals; ``code`` is stable and machine-readable."""

    code = "error"
    status = 400

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message

    @property
    def texts(self) -> list[Message]:
        """Its sentences, the first for where there is room for one."""
        return [self.message]


class Refusal(CrmError):
    """Wrong input or an unmet gate: each field with the sentences that say what to do (422)."""

    code = "refused"
    status = 422

    def __init__(
        self,
        errors: Mapping[str, Sequence[Message]],
        message: Message | None = None,
        *,
        code: str = "refused",
    ) -> None:
        super().__init__(message or msg("还不能保存，请看标出的地方。"))
        self.code = code
        self.errors: dict[str, list[Message]] = {k: list(v) for k, v in errors.items()}

    @property
    def texts(self) -> list[Message]:
        """The sentences of its fields in their order; the whole one's where no field is named."""
        return [text for of_field in self.errors.values() for text in of_field] or [self.message]


class Conflict(CrmError):
    """Somebody else changed it first (409); ``changed`` maps a field to (theirs, yours)."""

    code = "conflict"
    status = 409

    def __init__(
        self, message: Message, changed: Mapping[str, tuple[object, object]] | None = None
    ) -> None:
        super().__init__(message)
        self.changed = dict(changed or {})


class NotFound(CrmError):
    """It does not exist, or the actor may not see it: the two read alike (404)."""

    code = "not_found"
    status = 404

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or msg("找不到这一页。它可能已合并，也可能不归您看。"))


class Forbidden(CrmError):
    """The actor sees it but may not do this with it (403)."""

    code = "forbidden"
    status = 403

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or msg("您的角色不能做这一步。"))
