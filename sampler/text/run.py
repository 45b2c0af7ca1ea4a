"""Texts about the unattended quarter."""

ENTRIES: dict[str, tuple[str, str]] = {
    "run.input_changed": (
        "{file} 在读取过程中被改动或替换,读到的内容可能不完整;没有写任何文件。请等文件写完后再试。",
        "{file} was changed or replaced while it was read, so what was read may be a mixture; nothing was written. Try again when the file is complete.",
    ),
}
