"""Texts about sample sizes."""

ENTRIES: dict[str, tuple[str, str]] = {
    "size.margin_or_detect": (
        "请在 --margin（误差）与 --detect（发现）中恰好给出一个。",
        "give exactly one of --margin and --detect.",
    ),
    "size.rate_with_detect": (
        "--rate 只与 --margin 一起用：发现概率与假定的合格率无关；请去掉 --rate。",
        "--rate goes with --margin: detection does not depend on an assumed pass rate; leave --rate out.",
    ),
    "size.not_a_share": (
        "{option} 应是 0 与 1 之间的小数（如 {example}），实为 {found}。",
        "{option} must be a fraction between 0 and 1, such as {example}, but got {found}.",
    ),
    "size.bad_margin": (
        "--margin 须不小于 {least} 且小于 {most}（如 0.03 表示 ±3 个百分点），实为 {found}。",
        "--margin must be at least {least} and below {most} (0.03 is ±3 points), but got {found}.",
    ),
    "size.of_population": ("{population} 个单元中", "of {population} {population:|unit|units}"),
    "size.of_any": ("总数不限时", "of a large population"),
    "size.for_margin": (
        "{of}抽 {size} 个：若合格率为 {rate}%，{confidence} 置信区间的预期半宽不超过 {margin} 个百分点。",
        "{size} {of}: at a pass rate of {rate}%, half the width of the {confidence} interval is expected to be at most {margin} points.",
    ),
    "size.for_detection": (
        "{of}抽 {size} 个：若至少 {detect}% 不合格，至少发现一个的概率不低于 {confidence}。",
        "{size} {of}: if at least {detect}% fail, the chance to find at least one is {confidence} or more.",
    ),
}
