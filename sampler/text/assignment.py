"""Texts about inspectors and teams."""

ENTRIES: dict[str, tuple[str, str]] = {
    # One term in the reader's language: the other one is cut to nothing.
    "assignment.too_few": (
        "有 {visits} 次检查凑不齐 {team} 人的检查组：{places}\n请增加检查人员，或放宽资质、回避、请假，或在配置 [inspectors] 中设 across_districts = true。",
        "No team of {team} can be found for {visits} of the visits:{places}\nAdd inspectors, relax qualifications, recusals or leave, or set across_districts = true under [inspectors] of the configuration.",
    ),
    "assignment.place": (
        "{visit} {name}（{district}）：需 {team} 人；可到该区 {district_people} 人，其中具备{categories}资质 {qualified} 人，证书在季度内有效 {valid} 人，截止日期前未全程请假 {present} 人，无需回避 {free} 人",
        "{visit} {name} ({district}): {team} needed; {district_people} inspectors for the district, of whom {qualified} qualified for {categories}, {valid} with a certificate valid through the quarter, {present} not on leave all the time to the deadline, {free} not recused",
    ),
    "assignment.more": ("另有 {number} 次检查", "further visits: {number}"),
    "assignment.too_much": (
        "检查人员的最大任务数不够：{visits} 次检查（如 {examples}）有 {needed} 人次只能由 {people} 名检查人员承担（{names}），他们的最大任务数合计 {possible}，缺 {short} 人次。请提高最大任务数或增加检查人员。",
        "The inspectors' maximum loads are too small: {visits} {visits:|visit|visits} (such as {examples}) {visits:|has|have} {needed} {needed:|place|places} that only {people} {people:|inspector|inspectors} can take ({names}), whose maximum loads add up to {possible}; {short} short. Raise the maximum loads or add inspectors.",
    ),
    "assignment.recused": (
        "回避：检查人员名单列有“{entry}”",
        "recused: the roster of inspectors lists {entry!r}",
    ),
    # reading inspectors.xlsx
    "assignment.no_inspector": (
        "{file}：没有一行可用的检查人员。需要姓名和工号两列。",
        "{file}: no usable inspector in any row. The columns name and id are needed.",
    ),
    "assignment.no_header": (
        "{file}：没有找到检查人员名单的表头。看到的是：{headers}。需要姓名和工号两列；请核对列名。",
        "{file}: no header of a list of inspectors was found. Seen were: {headers}. The columns name and id are needed; check the column names.",
    ),
    "assignment.missing_columns": (
        "{file}：缺少列：{missing}。看到的表头：{seen}。",
        "{file}: columns missing: {missing}. Headers seen: {seen}.",
    ),
    "assignment.expect_id": ("每人一个不重复的工号", "an id that nobody else has"),
    "assignment.expect_name": ("姓名", "a name"),
    "assignment.expect_district": (
        "方案中的区，空着表示全市",
        "a district of the design; empty for the whole city",
    ),
    "assignment.expect_category": (
        "方案中的类别，空着或“全部”表示各类",
        "categories of the design; empty or 全部 for all",
    ),
    "assignment.expect_date": ("日期，例如 2027-03-31", "a date, e.g. 2027-03-31"),
    "assignment.expect_leave": (
        "起止日期，例如 2026-10-08至2026-10-20，多段用分号隔开",
        "first and last day, e.g. 2026-10-08 to 2026-10-20, several parted by semicolons",
    ),
    "assignment.expect_recusal": (
        "登记表中企业的名称或统一社会信用代码，多家用分号隔开",
        "names or credit codes of enterprises of the registry, several parted by semicolons",
    ),
    "assignment.recusal_of_nobody": (
        "登记表中找不到，不据此回避",
        "not in the registry, so it keeps nobody away",
    ),
    "assignment.expect_maximum": (
        "不小于 0 的整数，空着表示不限",
        "a whole number from 0 on; empty for no limit",
    ),
    "assignment.left_out": ("此人不参加抽取", "not among the inspectors to draw from"),
    "assignment.second_left_out": ("后一行不用", "the later row is not used"),
    "assignment.as_expired": (
        "按证书无效处理，此人不参加抽取",
        "treated as without a certificate: not drawn",
    ),
    "assignment.category_ignored": ("该类别不计入资质", "not counted among the qualifications"),
}
