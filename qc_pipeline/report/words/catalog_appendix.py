"""Sentences of the parts after the fourth (附一 to 附四): key → (zh, en)."""

from __future__ import annotations

APPENDIX_TEXTS: dict[str, tuple[str, str]] = {
    "nav_agents": ("坐席", "Agents"),
    "agents_heading": ("附一、坐席情况", "A. Agents"),
    "agents_title": ("坐席成绩", "Scores by agent"),
    "agents_sentence": (
        "共 {n} 名坐席被抽到；其中 {enough} 名复听录音满 {least} 通，给出个人平均。",
        "{n} agents were drawn; {enough} have {least} re-listened calls or more and get a personal "
        "mean.",
    ),
    "agents_note": (
        "复听录音不足 {least} 通的不给个人平均和排名（样本不足），括号内为复听数；"
        "近一月为截至期末的四周。"
        "风险抽取、指定和单独列示的录音不计入个人平均。",
        "Under {least} re-listened calls (in brackets) there is no personal mean or rank; a month "
        "is four weeks. Calls drawn "
        "for risk or put in by a person never count.",
    ),
    "too_few": ("样本不足（{n} 通）", "too few ({n})"),
    "composed_title": ("综合考评", "Composed assessment"),
    "composed_note": (
        "综合 = 各项得分 × 权重之和 ÷ 权重之和；缺一项则不合计。"
        "本期复听不足时，录音成绩取近一月平均。",
        "Sum of marks × weights ÷ sum of weights; none where a part is missing. Listening: the "
        "month's mean where this period has too few calls.",
    ),
    "nav_service": ("服务指标", "Service figures"),
    "service_heading": ("附二、服务指标", "B. Service figures"),
    "service_title": ("服务指标与目标", "Figures against targets"),
    "service_teams_title": ("各组服务指标", "Figures by group"),
    "service_none": (
        "通话清单没有可用的服务指标字段。",
        "The call list carries no field for service figures.",
    ),
    "service_missed": ("未达目标：{titles}。", "Below target: {titles}."),
    "service_missed_one": ("{title} {value}（目标 {target}）", "{title} {value} (target {target})"),
    "service_no_target": ("以下指标没有设定目标，仅供参考。", "No figure below has a target."),
    "service_teams_note": (
        "各组办理的业务可能不同，指标供组内前后对照，不作排名。",
        "Groups may handle different business: compare a group with itself, not with others.",
    ),
    "traffic_title": ("每日话务", "Traffic by day"),
    "traffic_chart": ("每日接通率", "Answer rate by day"),
    "traffic_text": ("折线为每日接通率。", "The line is the answer rate of each day."),
    "traffic_text_target": (
        "折线为每日接通率，虚线为目标 {target}。",
        "The line is the answer rate of each day, the dashes the target of {target}.",
    ),
    "service_met": ("有目标的 {n} 项指标全部达标。", "All {n} figures with a target meet it."),
    "service_note": (
        "接通率等话务指标取自话务日报（没有时取自通话清单），其余按清单中全部来电计算，"
        "不限于抽取的录音；没有数据的为 n/a。",
        "Traffic figures come from the daily traffic table, else from the call list; the others "
        "count all rows of the list, not only the sample. n/a: nothing to count.",
    ),
    "nav_sample": ("抽样", "Sample"),
    "sampled_heading": ("附三、样本与总体对照", "C. Sample beside frame"),
    "sampled_sentence": (
        "可抽取录音 {frame} 通，随机抽取 {drawn} 通（{share}）。",
        "{drawn} of {frame} recordings were drawn ({share}).",
    ),
    "replaced_sentence": (
        "抽中后发现无效录音 {n} 通（{reasons}），按预定的候补顺序递补 {followed} 通。",
        "{n} drawn recordings were invalid ({reasons}); {followed} were replaced by the next in "
        "the seeded order of the reserve.",
    ),
    "replaced_note": (
        "递补录音为同层同坐席（没有时为同层）候补中的下一通，顺序由随机种子事先确定，不由人挑选。",
        "A replacement is the next call in reserve of the same stratum and agent, else of the same "
        "stratum; the order came from the seed, never from a choice.",
    ),
    "risk_conditions_note": (
        "同时符合的条件倍数相乘，乘积限定在 0.2 至 5 之间；加权估计已还原抽取机会的差别。",
        "Multipliers of the conditions that hold are multiplied, from 0.2 to 5; weighted "
        "estimates undo the different chances.",
    ),
    "frame_text": (
        "上为总体占比，下为样本占比。",
        "Upper bar: share of the frame; lower bar: share of the sample.",
    ),
    "frame_title": ("样本与总体的占比", "Shares of frame and sample"),
    "frame_none": ("没有抽到录音，无法对照。", "Nothing was drawn to compare."),
    "frame_widest": (
        "占比相差最大的是{kind}“{value}”：总体 {frame}，样本 {drawn}；"
        "推算全部通话时已按抽样比例还原。",
        "They differ most in {kind} {value}: {frame} of the frame, {drawn} of the sample; the "
        "estimates weigh that.",
    ),
    "col_frame_share": ("占总体", "Of the frame"),
    "col_sample_share": ("占样本", "Of the sample"),
    "frame_length_kind": ("时长段", "length"),
    "frame_slot_kind": ("时段", "time slot"),
    "frame_team_kind": ("业务组", "group"),
    "frame_business_kind": ("业务类型", "business"),
    "frame_hour_kind": ("钟点", "hour"),
    "frame_length": ("按通话时长", "By length"),
    "frame_slot": ("按时段", "By time slot"),
    "frame_team": ("按业务组", "By group"),
    "frame_business": ("按业务类型", "By business type"),
    "frame_bar": (
        "总体 {frame_share}（{frame} 通）· 样本 {drawn_share}（{drawn} 通）",
        "frame {frame_share} ({frame}) · sample {drawn_share} ({drawn})",
    ),
    "kinds_few": (
        "各类别多在 {least} 通以下，仅供参考。",
        "Most kinds have under {least} calls: they prove little.",
    ),
    "kinds_lowest": (
        "得分最低的是{kind}“{value}”（{n} 通，平均 {mean} 分），辅导先从这类通话入手；"
        "样本少的类别仅供参考。",
        "Lowest: {kind} {value} ({n} calls, mean {mean}); coach there first. Kinds with few calls "
        "prove little.",
    ),
    "kinds_title": ("按通话类别的成绩", "Scores by kind of call"),
    "nav_making": ("如何得出", "How this was made"),
    "making_heading": ("附四、本报告如何得出", "D. How this was made"),
    "making_sentence": (
        "同样的清单、录音、标准和种子会得到同样的报告。",
        "The same list, recordings, rubric and seed give the same report.",
    ),
    "sample_model_warning": (
        "本报告由自带的示例识别模型生成：它只听得懂合成的示例录音，不能用于真实通话。",
        "Made with the sample recogniser, which knows only the synthetic sample calls: not for "
        "real calls.",
    ),
}
