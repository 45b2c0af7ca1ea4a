"""Why the operating system refuses a file: its own words, in both languages."""

ENTRIES: dict[str, tuple[str, str]] = {
    "system.enoent": ("没有这个文件或文件夹", "No such file or directory"),
    "system.eexist": ("已经有这个文件", "File exists"),
    "system.eisdir": ("这是一个文件夹", "Is a directory"),
    "system.enotdir": ("路径中有一段是文件，不是文件夹", "Not a directory"),
    "system.eacces": ("没有权限", "Permission denied"),
    "system.eperm": ("不允许这样做", "Operation not permitted"),
    "system.erofs": ("磁盘是只读的", "Read-only file system"),
    "system.enospc": ("磁盘空间不足", "No space left on device"),
    "system.edquot": ("超出磁盘配额", "Disk quota exceeded"),
    "system.efbig": ("文件太大", "File too large"),
    "system.eio": ("磁盘或网络读写出错", "Input/output error"),
    "system.enametoolong": ("名称太长", "File name too long"),
    "system.ebusy": ("正被占用", "Device or resource busy"),
    "system.etxtbsy": ("正被占用", "Text file busy"),
    "system.emfile": ("打开的文件太多", "Too many open files"),
    "system.eloop": ("链接绕成了圈", "Too many levels of symbolic links"),
    "system.other": ("系统提示：{words}", "the system says: {words}"),
    # what to do where something cannot be written
    "system.remedy": ("请检查权限和磁盘空间后再试", "check permissions and free space, then try again"),
    "system.remedy_folder": (
        "请先建好它所在的文件夹，或换一个位置",
        "make the folder it lies in first, or choose another place",
    ),
    "system.remedy_place": (
        "请换一个位置：路径的每一段都要是文件夹，最后的名称不能已被占用",
        "choose another place: every part of the path must be a folder, and its last name free",
    ),
    "system.remedy_room": ("请腾出磁盘空间后再试", "make room on the disk, then try again"),
    "system.remedy_rights": (
        "请取得写入权限，或换一个位置",
        "get leave to write there, or choose another place",
    ),
}
