"""Texts about earlier plans and what changed since."""

ENTRIES: dict[str, tuple[str, str]] = {
    "past.no_archive": (
        "没有档案文件夹 {folder}；请用 --archive 给出放有以往计划的文件夹；还没有以往计划的，请先建立这个文件夹。",
        "there is no archive folder {folder}; give the folder that holds the earlier plans with --archive; if there are none yet, make it first.",
    ),
    "past.unused": (
        "没有使用以往的计划：六个月、年度上限、跟踪抽查和种子都没有与它们核对；要使用，请加 --archive {archive}。",
        "no earlier plans were used, so rest, caps, follow-ups and seed were not held against them; --archive {archive} uses them.",
    ),
    "past.two_plans": (
        "{period} 有两份计划：{one} 和 {other}，彼此都没有声明替换对方。一个季度只能有一份；请把其中一份移出档案。",
        "there are two plans for {period}: {one} and {other}, and neither says that it replaced the other. A quarter has one plan; move one of them out of the archive.",
    ),
    "past.period_drawn": (
        "{period} 已经抽过：{folder}。同一季度不得另抽；确需重做，请用 --force --why 原因，原因会记录在案。",
        "{period} has been drawn already: {folder}. A quarter is not drawn twice; if it must be, use --force --why TEXT, and the reason goes on record.",
    ),
    "past.later_drawn": (
        "档案里已有更晚的 {later} 的计划（{folder}），它是在没有 {period} 计划的情况下抽取的，补抽 {period} 会使核验不通过。请检查 --period；确需补抽的，只用 --out 放到档案以外。",
        "the archive holds the plan of a later quarter, {later} ({folder}), which was drawn with no plan of {period} before it and would no longer verify. Check --period; if {period} must be drawn all the same, keep it out of the archive with --out alone.",
    ),
    "past.line": (
        "历史：{count} 个季度（{first}–{last}）；跟踪抽查 {follow_ups} 个单元；抽样框中近 4 个季度抽查过的占 {four}，近 12 个季度占 {twelve}",
        "history: {count} {count:|quarter|quarters} ({first}–{last}); {follow_ups} {follow_ups:|unit|units} to follow up; {four} of the frame sampled in the last 4 quarters, {twelve} in the last 12",
    ),
    "past.rates_line": (
        "假定合格率（以往结果修正）：{listed}",
        "assumed pass rates, moved by earlier results: {listed}",
    ),
    "past.changes_line": (
        "登记表自 {period} 以来：新增 {new} 个单元，消失 {gone}；企业换码 {id}，更名 {renamed}，迁址 {moved}，类别变动 {reclassified}（明细见 changes.csv）",
        "registry since {period}: {new} {new:|unit|units} new, {gone} gone; enterprises with a new code {id}, renamed {renamed}, moved {moved}, reclassified {reclassified} (see changes.csv)",
    ),
    "past.seed_used": (
        "这个种子已用于 {period} 的计划（{folder}）：种子相同，每个单元的抽签号就不变，名单可被提前推算。请换一个新的种子，或不写 --seed。",
        "this seed was used for the plan of {period} ({folder}): with the same seed every unit keeps its ticket and the list could be foreseen. Take a new one, or leave --seed out.",
    ),
    "past.clock": (
        "系统时间是 {now}，但 {period} 的计划是 {created} 做的；请校准时钟后再试。",
        "the clock says {now}, but the plan of {period} was made on {created}; set the clock and try again.",
    ),
}
