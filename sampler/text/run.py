"""Texts about the unattended quarter."""

ENTRIES: dict[str, tuple[str, str]] = {
    "run.not_configured": (
        "{file} 里没有 [run]；请照 sampler init 给出的配置写上登记表、人员名单和计划文件夹的位置。",
        "there is no [run] in {file}; say there where registry, inspectors and plans are, as in the configuration that sampler init writes.",
    ),
    "run.nothing": ("{period}：没有要做的事。", "{period}: nothing to do."),
    "run.done": ("{period}：{listed}。", "{period}: {listed}."),
    "run.would": (
        "试运行，没有写任何文件。{period}：将{listed}。",
        "dry run, nothing was written. {period}: would {listed}.",
    ),
    "run.would_nothing": ("试运行。{period}：没有要做的事。", "dry run. {period}: nothing to do."),
    "run.would_plan": ("出计划到 {folder}", "make the plan in {folder}"),
    "run.would_wait": ("等待种子文件 {file}，暂不抽取", "wait for the seed in {file} before drawing"),
    "run.would_read": ("读入 {plan} 收回的 {files} 个文件", "read {files} returned {files:|file|files} of {plan}"),
    "run.and": ("{one}；{other}", "{one}; {other}"),
    "run.planned": ("已出计划 {folder}，{tasks} 个任务", "made the plan in {folder}, {tasks} {tasks:|task|tasks}"),
    "run.read": (
        "{plan} 收回 {files} 个文件，已有结果 {tested} 批，不合格 {failed} 批，预警 {alerts} 条，跟踪 {follow_ups} 批",
        "{files} {files:|file|files} of {plan} read, {tested} {tested:|batch|batches} tested, {failed} failed, early warnings: {alerts}, {follow_ups} to follow up",
    ),
    "run.waiting": ("等待种子文件 {file}，暂不抽取", "waiting for the seed in {file} before drawing"),
    "run.busy": (
        "{folder}：另一个 sampler run 正在运行，这一次不做任何事。",
        "{folder}: another sampler run is at work, so this one leaves.",
    ),
    "run.bad_seed": (
        "种子文件 {file} 是空的；请写入公开摇号的结果。",
        "the seed file {file} is empty; write the outcome of the public draw into it.",
    ),
    "run.seed_kept": (
        "{period} 的种子已经抽出，记录在 {file}；在计划生成之前每次都用它，换种子等于挑选样本。请修正登记表、人员名单或方案后再运行。",
        "the seed of {period} has been drawn and is on record in {file}; every attempt uses it until the plan exists, because another seed would be a choice of the sample. Mend the registry, the roster or the design, then run again.",
    ),
    "run.bad_seed_record": (
        "{file} 记录着 {period} 的种子，却无法使用（{reason}）；请从备份恢复，不要删除：删除后会抽出另一个种子。",
        "{file} is the record of the seed of {period} and cannot be used ({reason}); restore it from a backup. Do not delete it: another seed would be drawn.",
    ),
    "run.not_a_seed_record": ("内容不是种子记录", "it is no record of a seed"),
    "run.later_plan": (
        "今天是 {today}，应出 {period} 的计划，但档案里已有更晚的 {later}（{folder}）；请检查系统时间。",
        "today is {today} and the plan of {period} is due, but the archive already holds {later} ({folder}); check the clock.",
    ),
    "run.problems": (
        "有 {count} 个问题需要处理：{problems}",
        "{count} {count:|problem needs|problems need} somebody:{problems}",
    ),
    "run.still_copying": (
        "{file} 还在复制，这次先不读，下次运行再读",
        "{file} is still being copied; it will be read by the next run",
    ),
    "run.too_slow": (
        "这次没有读完，下次运行再读：{reason}",
        "not read this time; the next run tries again: {reason}",
    ),
    "run.incomplete": (
        "{file} 读不出来，可能还没有复制完；变动后会再读：{reason}",
        "{file} cannot be read and may not have been copied completely; it will be read again when it changes: {reason}",
    ),
    "run.left_out": ("{file} 没有采用：{reason}", "{file} was left out: {reason}"),
    "run.answers_gone": (
        "{plan}：{count} 个批次以前有结果，现在的文件里没有了（{examples}）；原来的结果保存在 {kept}",
        "{plan}: {count} {count:|batch|batches} had an answer before and {count:|has|have} none in the files that are there now ({examples}); the earlier answers are kept in {kept}",
    ),
    "run.answers_changed": (
        "{plan}：{count} 个批次的结果与以前读到的不同（{examples}）；以现在的文件为准，原来的结果保存在 {kept}，请核实",
        "{plan}: {count} {count:|batch has|batches have} another answer than was read before ({examples}); what the files say now stands, the earlier answers are kept in {kept}; look into it",
    ),
    "run.findings": (
        "{plan}：回收的任务表有 {errors} 处错误、{warnings} 处提醒，见报告或运行 sampler estimate {plan}",
        "{plan}: {errors} {errors:|error|errors} and {warnings} {warnings:|warning|warnings} in the returned workbooks; see them with sampler estimate {plan}",
    ),
    "run.input_changed": (
        "{file} 在读取过程中被改动或替换，读到的内容可能不完整；没有写任何文件。请等文件写完后再试。",
        "{file} was changed or replaced while it was read, so what was read may be a mixture; nothing was written. Try again when the file is complete.",
    ),
}
