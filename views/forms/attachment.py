"""The form that hangs files on a record."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from models.attachment import AttachmentKind
from views.forms.base import Form


class AttachmentForm(Form):
    """Files, and on a lead whether they are its signed agreement."""

    kind = RadioField(
        _l("这是什么"),
        choices=[
            SelectChoice(AttachmentKind.FILE.value, _l("一般附件")),
            SelectChoice(AttachmentKind.AGREEMENT.value, _l("签好的协议")),
        ],
        default=AttachmentKind.FILE.value,
        validate_choice=False,
    )
    file = MultipleFileField(_l("文件"))

    @property
    def wanted(self) -> AttachmentKind:
        """What the files are; what nobody offers is a plain file."""
        agreement = self.kind.data == AttachmentKind.AGREEMENT
        return AttachmentKind.AGREEMENT if agreement else AttachmentKind.FILE
