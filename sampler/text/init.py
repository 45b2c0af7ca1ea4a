"""Texts about starting."""

ENTRIES: dict[str, tuple[str, str]] = {
    "init.exists": (
        "{file} 已经存在，什么都没有写；请换一个文件夹。",
        "{file} exists, so nothing was written; choose another folder.",
    ),
    "init.not_a_folder": (
        "{file} 是一个文件，不是文件夹；请换一个名称。",
        "{file} is a file, not a folder; choose another name.",
    ),
    "init.next": (
        "已写好（登记表和名单都是模拟数据）。进入 {folder}，按需修改 configs 里的两份配置，然后运行：",
        "done (registry and inspectors are made up). Go to {folder}, edit the two files in configs as needed, then run:",
    ),
    "init.command": (
        "sampler plan registry.xlsx --inspectors inspectors.xlsx",
        "sampler plan registry.xlsx --inspectors inspectors.xlsx",
    ),
}
