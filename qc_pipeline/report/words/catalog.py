"""Every sentence of the report, in Chinese and in English: key → (zh, en)."""

from __future__ import annotations

from qc_pipeline.report.words.catalog_appendix import APPENDIX_TEXTS
from qc_pipeline.report.words.catalog_measures import MEASURE_TEXTS
from qc_pipeline.report.words.catalog_pages import PAGE_TEXTS
from qc_pipeline.report.words.catalog_tables import TABLE_TEXTS

PART_TEXTS: dict[str, tuple[str, str]] = {
    # 一
    "nav_part1": ("重点问题", "Key problems"),
    "part1": ("一、本期重点问题汇总", "1. Key problems of this period"),
    "part1_common": ("1、共性问题", "1.1 Common problems"),
    "part1_tracking": ("2、本期需要跟踪问题", "1.2 Problems to follow up"),
    "common_rule": (
        "共性问题的认定：不少于 {calls} 通录音扣分、占适用录音的 {share} 以上、涉及 {agents} 名以上"
        "坐席；最多列 {most} 项，按扣分合计排列。括号内为误差范围。",
        "A problem is common where at least {calls} calls lost points for it, {share} or more of "
        "the calls it applied to, by {agents} agents or more; {most} at most, by points lost. "
        "The margin of error stands in brackets.",
    ),
    "common_none": (
        "按认定标准，本期没有共性问题。",
        "By the rule below there is no common problem in this period.",
    ),
    "common_sentence": (
        "本期共性问题 {n} 项：{titles}，合计占全部扣分的 {share}。",
        "{n} common problem(s): {titles}; together {share} of all points lost.",
    ),
    "against_former": (
        "上期 {former}，变化 {change} 个百分点",
        "last period {former}, change {change} points",
    ),
    "tracking_none": ("本期没有需要跟踪的录音。", "No call needs a follow-up in this period."),
    "tracking_sentence": ("本期需要跟踪 {n} 项。", "{n} item(s) to follow up."),
    "tracking_late": ("逾期未反馈 {n} 项（含往期）。", "{n} overdue, earlier periods included."),
    "tracking_rate": (
        "按时办结率 {share}（{whole} 项到期，{part} 项按时反馈）。",
        "Answered in time {share} ({part} of {whole} that were due).",
    ),
    "follow_up_what": ("{what}（要求：{required}）", "{what} (required: {required})"),
    "follow_up_who": ("{who}（组长 {lead}）", "{who} (lead {lead})"),
    "coaching_title": ("上期辅导复查", "Coaching since the last report"),
    "coaching_sentence": (
        "上期以来共辅导 {n} 人次，坐席已确认 {acknowledged} 人次；本期复查 {checked} 人次，"
        "其中同一项目再次失分 {again} 人次。",
        "{n} coached since the last report, {acknowledged} acknowledged; {checked} checked in this "
        "period, {again} of them lost points on the same item again.",
    ),
    "earlier_tracking_title": ("往期跟踪问题", "Follow-ups of earlier periods"),
    "earlier_tracking_sentence": (
        "往期跟踪问题中，尚未办结或本期有进展的 {n} 项。",
        "{n} follow-up(s) of earlier periods are open or were dealt with in this period.",
    ),
    "tracking_proposed": (
        "以下 {n} 通录音涉及红线或重大差错，建议立项跟踪，经质检确认后生效。",
        "{n} call(s) with a red line or a major error are proposed for follow-up; "
        "a person decides.",
    ),
    "note_follow_up": (
        "跟踪问题请各组长于 {day}前反馈处理结果（报告发布后 {n} 个工作日内）。",
        "Team leads return follow-up results by {day} ({n} working days after publication).",
    ),
    "note_objection": (
        "对成绩有异议的，由组长统一收集，于 {day}前提交"
        "（报告发布后 {n} 个工作日内），逾期不予受理。",
        "Objections are collected by the team lead and handed in by {day} ({n} working days after "
        "publication); later ones are not accepted.",
    ),
    "note_contact": ("联系方式：{contact}", "Contact: {contact}"),
    "note_provisional": (
        "报告尚未发布，以上日期按期末后首个工作日发布推算，以正式发布为准。",
        "The report is not yet published; the days above assume publication on the first working "
        "day after the period.",
    ),
    "lead_of": ("{team}组长", "lead of {team}"),
    # 二
    "nav_part2": ("服务规范及流程", "Conduct and procedure"),
    "part2": (
        "二、通过录音监控重点抽查坐席以下服务规范及流程",
        "2. Conduct and procedures inspected this period",
    ),
    "part2_1": ("1、服务礼仪", "2.1 Etiquette"),
    "part2_2": ("2、服务流程", "2.2 Procedure"),
    "part2_title_1": ("服务礼仪各质检项", "Etiquette by criterion"),
    "part2_title_2": ("服务流程各质检项", "Procedure by criterion"),
    "conduct_none": (
        "本期没有可评判的检查结果。",
        "Nothing of this part could be judged in this period.",
    ),
    "conduct_sentence": (
        "共 {lines} 个质检项、{checks} 次检查，合格率 {share}。",
        "{lines} criteria, {checks} checks, {share} passed.",
    ),
    "conduct_worst": (
        "最薄弱的是“{title}”，合格率 {share}，{n} 通扣分。",
        "Weakest: {title}, {share} passed, {n} call(s) failed.",
    ),
    # 三
    "nav_headline": ("监控成绩", "Scores"),
    "headline": (
        "三、{start}-{end}共监控录音{n}通。本周期全体人员的监听平均成绩为{mean}分。",
        "3. {start} – {end}: {n} recordings inspected. Mean listening score of everybody: {mean}.",
    ),
    "no_mean": ("（暂无）", "n/a"),
    "head_none": (
        "本期没有可计入平均成绩的录音。",
        "No recording of this period enters a mean.",
    ),
    "head_sentence": (
        "{counted} 通录音计入平均成绩，平均 {mean} 分；合格 {passed} 通，合格率 {share}",
        "{counted} recordings enter the mean of {mean}; {passed} passed ({share})",
    ),
    "head_up": ("比上期高 {change} 分", "{change} above the last period"),
    "head_down": ("比上期低 {change} 分", "{change} below the last period"),
    "head_same": ("与上期持平", "as in the last period"),
    "head_fatal": (
        "其中一票否决 {n} 通，不计这些录音时平均为 {mean} 分",
        "{n} call(s) fell to a red line; without them the mean is {mean}",
    ),
    "sentence_joint": ("；", "; "),
    "full_stop": ("。", "."),
    "sentence_gap": ("", " "),
    "reconcile_title": ("录音数量核对", "Recordings, adding up"),
    "sampled": ("抽取录音", "Sampled"),
    "scored": ("完成评分", "Scored"),
    "counted": ("计入平均", "In the mean"),
    "sampled_is": (
        "抽取 = 完成评分 {scored} + 未能评分 {failed}",
        "sampled = scored {scored} + failed {failed}",
    ),
    "scored_is": ("= {sum}", "= {sum}"),
    "counted_is": (
        "随机抽取且有总分；平均成绩为这些录音的简单平均",
        "drawn at random and with a total; every mean is their plain mean",
    ),
    "risk_calls": ("风险抽取", "Drawn for risk"),
    "risk_is": ("因风险条件抽取，不计入平均", "in no mean"),
    "forced_calls": ("指定录音", "Put in by a person"),
    "forced_is": ("由人员指定加入，不计入平均", "in no mean"),
    "no_total_calls": ("无总分", "Without a total"),
    "no_total_is": ("可评判的分值不足，不给总分", "too little could be judged"),
    "mystery_calls": ("神秘顾客", "Mystery call"),
    "mystery_is": ("单独列示，不计入任何平均", "reported apart, in no mean"),
    "apart_calls": ("单独列示", "Reported apart"),
    "failed_calls": ("未能评分", "Failed"),
    "failed_is": ("原因见“本报告如何得出”", "reasons stand under “How this was made”"),
    "provisional_note": (
        "{n} 通录音的成绩为暂定：待复核 {held} 项、待确认扣分 {proposed} 项、"
        "待人工评判 {unjudged} 项。"
        "待复核不扣分；待确认扣分在草稿中已计入，未经人员确认不进入正式成绩。",
        "{n} scorecard(s) are provisional: {held} held, {proposed} proposed, {unjudged} left to a "
        "person. Held items cost nothing; proposed ones count in the draft only.",
    ),
    "estimate_sentence": (
        "按抽样设计推算全部通话：平均 {mean} 分（误差范围 {mean_margin}），"
        "合格率 {share}（误差范围 {share_margin}）。",
        "Weighted to all calls of the period: mean {mean} (margin {mean_margin}), pass rate "
        "{share} (margin {share_margin}).",
    ),
    "estimates_title": ("推算全部通话", "Weighted to all calls"),
    "estimates_note": (
        "每通录音按其被抽到的机会加权，推算到本期全部通话；误差范围为 95%。"
        "上文的平均成绩是录音的简单平均，两者略有差别属正常。",
        "Each call weighs as many calls as it stands for; 95% intervals. The means above are "
        "plain means of the recordings, so small differences are to be expected.",
    ),
    "groups_heading": ("1、各业务组录音监控情况", "3.1 Groups"),
    "groups_title": ("各业务组成绩", "Scores by group"),
    "groups_chart": ("各业务组平均成绩与最低、最高分", "Mean, lowest and highest by group"),
    "groups_one": ("只有一个业务组有成绩。", "Only one group has scores."),
    "groups_sentence": (
        "{high_team}平均成绩最高（{high} 分），{low_team}最低（{low} 分），相差 {gap} 分。",
        "{high_team} has the highest mean ({high}), {low_team} the lowest ({low}); {gap} apart.",
    ),
    "groups_apart": (
        "{n} 个业务组办理的业务不同，平均成绩不作高低比较。",
        "The {n} groups handle different business, so their means are not ranked.",
    ),
    "groups_few": (
        "有的组只有 {n} 通录音，差距仅供参考。",
        "One group has {n} calls only: the gap means little.",
    ),
    "groups_note": (
        "平均成绩为计入录音的简单平均。业务不同的组不作排名比较。",
        "Plain means of the counted recordings. Groups of different business are not ranked.",
    ),
    "groups_dot": (
        "{team}：{n} 通，平均 {mean}，最低 {low}，最高 {high}。",
        "{team}: {n} calls, mean {mean}, lowest {low}, highest {high}.",
    ),
    "daily_heading": ("2、本期录音日平均监控得分情况", "3.2 Mean score by day"),
    "daily_title": ("每日平均得分", "Mean score by day"),
    "daily_chart": ("日平均得分走势", "Mean score by day"),
    "daily_chart_text": (
        "折线为每日平均得分；数据不足 6 天，不画控制限。",
        "The line is the daily mean; under six days there are no control limits.",
    ),
    "daily_chart_limits": (
        "折线为每日平均得分，阴影为正常波动范围 {low}–{high} 分。",
        "The line is the daily mean, the band the ordinary variation, {low}–{high}.",
    ),
    "daily_few": ("有成绩的日期不足两天。", "Fewer than two days have scores."),
    "daily_sentence": (
        "{high_day}最高（{high} 分），{low_day}最低（{low} 分，{n} 通）。",
        "Highest {high_day} ({high}), lowest {low_day} ({low}, {n} calls).",
    ),
    "daily_no_limits": (
        "录音较少的日期波动大，不宜单独下结论。",
        "Days with few calls vary much; no single day proves anything.",
    ),
    "daily_signal": (
        "有日期超出正常波动范围（图中标出），请查明原因。",
        "A day lies outside the ordinary variation (marked): look for the cause.",
    ),
    "daily_no_signal": (
        "每日起伏均在正常波动范围内。",
        "All days lie within the ordinary variation.",
    ),
    "weeks_mean_chart": ("各期平均成绩", "Mean score by period"),
    "weeks_pass_chart": ("各期合格率", "Pass rate by period"),
    "weeks_text_limits": (
        "最近 {n} 期；虚线为平均，阴影为正常波动范围。",
        "The last {n} periods; the dashes are their mean, the band the ordinary variation.",
    ),
    "weeks_few": (
        "只有 {n} 期成绩，满 {least} 期才能判断升降是否超出正常波动。",
        "There are {n} periods; from {least} on it can be told what lies outside the ordinary.",
    ),
    "weeks_signal": (
        "与以往各期相比，本期的{titles}超出正常波动范围，请查明原因。",
        "Against the periods before, this one lies outside the ordinary: {titles}. Find the cause.",
    ),
    "weeks_no_signal": (
        "与以往各期相比，本期成绩在正常波动范围内，单看升降不必下结论。",
        "Against the periods before, this one lies within the ordinary variation.",
    ),
    "weeks_text": ("最近 {n} 期。", "The last {n} periods."),
    "weeks_kinds_title": (
        "各组、各类通话各期平均成绩",
        "Mean by group, business, length and time slot, by period",
    ),
    "weeks_kinds_note": (
        "每行与自己的前几期比较；录音不足 {least} 通的期次不给平均（括号内为通数），"
        "没有录音的为 n/a。",
        "Compare a row with its own earlier periods; under {least} calls there is no mean (their "
        "number in brackets), without calls n/a.",
    ),
    "weeks_title": ("各期成绩", "Scores by period"),
    "limits_rule": (
        "控制限：平均值 ± 2.66 × 平均移动极差（合格率用 p 图，± 3 倍标准误），满 6 个点才画；"
        "超出控制限、或连续 8 点在中线同侧的点标为信号。",
        "Limits: mean ± 2.66 × mean moving range (pass rates: p-chart, ± 3 standard errors), from "
        "six points on; a signal is a point outside them or the eighth in a row on one side.",
    ),
    "not_comparable": (
        "各期之间不能直接比较：{reasons}。",
        "Periods cannot simply be compared: {reasons}.",
    ),
    "changed_rubric": ("{period} 使用了不同的评分标准", "{period} used another rubric"),
    "changed_model": ("{period} 使用了不同的语音识别模型", "{period} used another recogniser"),
    "bands_heading": ("3、各分数段录音数量分布情况", "3.3 Recordings by score band"),
    "bands_title": ("分数段分布", "Score bands"),
    "bands_none": ("本期没有可计入的成绩。", "No score of this period counts."),
    "bands_sentence": (
        "“{band}”最多，{n} 通，占 {share}；“{low_band}” {low} 通。",
        "Most are {band}: {n} ({share}); {low_band}: {low}.",
    ),
    "deductions_heading": ("4、本期录音监控集中扣分项分析", "3.4 Where points are lost"),
    "deductions_title": ("扣分项明细", "Deductions by criterion"),
    "deductions_none": ("本期没有扣分。", "No points were lost."),
    "deductions_sentence": (
        "共扣 {total} 分；扣分最多的是{titles}，占全部扣分的 {share}。",
        "{total} points lost; most for {titles}: {share} of all.",
    ),
    "deductions_rising": ("{titles}比上期明显上升。", "{titles} rose clearly since last period."),
    "deductions_note": (
        "扣分率 = 扣分录音 ÷ 已评判录音（不含不涉及、待复核、无法评判）。误差范围为 95% 区间。"
        "“明显”指与上期的差别不像是偶然（两期比例检验，按项数校正，p < 0.05）。",
        "Share = failing ÷ judged calls. Margin: 95% (Wilson). “Clearly”: two-proportion test, "
        "Holm-corrected, p < 0.05.",
    ),
    "pareto_chart": ("按扣分合计", "By points lost"),
    "pareto_unit": ("扣分合计", "Points lost"),
    "pareto_calls_chart": ("按扣分录音数", "By failing calls"),
    "pareto_calls_unit": ("扣分录音", "Failing calls"),
    "pareto_calls_text": (
        "前 {n} 项占全部扣分项次的 {share}；红线不计扣分，只列在此图。",
        "The first {n} items make {share} of all deductions; red lines cost no points of their own "
        "and stand in this chart only.",
    ),
    "pareto_calls_bar": ("{n} 通 · 累计 {share}", "{n} calls · {share} so far"),
    "pareto_text": (
        "前 {n} 项合计占全部扣分的 {share}。",
        "The first {n} items make {share} of all points lost.",
    ),
    "pareto_bar": ("{n} 分 · 累计 {share}", "{n} points · {share} so far"),
    "heat_even": (
        "各组之间没有明显差别，按全体情况讲评即可。",
        "No group stands out on any item: talk to all of them alike.",
    ),
    "heat_stands_out": (
        "{team}的“{title}”明显高于其他组（{share}，全体 {all}），先查这一项。",
        "{team} stands out on “{title}” ({share}, everybody {all}): look there first.",
    ),
    "advice_up_sentence": (
        "{n} 项普遍扣分，可提高分值，首先是“{title}”：每加 1 分，本期平均成绩变化 {effect} 分。",
        "{n} item(s) fail often and could weigh more, “{title}” first: each point more would have "
        "changed the mean by {effect}.",
    ),
    "advice_down_sentence": (
        "{n} 项无人扣分，可适当降低分值。",
        "On {n} item(s) nobody fails: they could weigh less.",
    ),
    "heat_title": ("各组扣分率（颜色越深越高）", "Share of failing calls by group (darker = more)"),
    "heat_note": (
        "n/a：该组没有已评判的录音；不足 3 通的只写“扣分/已评判”，不着色。",
        "n/a: no judged call in that group; under three only failed/judged, without a shade.",
    ),
    "drill_title": ("扣分定位（点开直达录音时刻）", "Every deduction, to the second"),
    "drill_more": (
        "共 {n} 条，此处列出前 {most} 条，全部见工作簿。",
        "{n} in all; the first {most} are listed, all stand in the workbook.",
    ),
    "no_former": ("无上期数据", "no former data"),
    "no_change": ("无明显变化", "no clear change"),
    "change_up": ("↑ 明显上升", "↑ clearly up"),
    "change_down": ("↓ 明显下降", "↓ clearly down"),
    "advice_title": ("分值调整建议", "Advice on weights"),
    "advice_raise": ("普遍扣分，可提高分值", "common: more weight"),
    "advice_lower": ("无人扣分，可降低分值", "nobody fails: less weight"),
    "advice_note": (
        "“影响”为该项分值增减 1 分时，本期平均成绩会有的变化（其余不变）。",
        "Effect: what one point more (or less) would have done to this period's mean.",
    ),
    # 四
    "nav_part4": ("问题录音", "Problem calls"),
    "part4": (
        "四、本期问题录音分析(请各组长在班会上向坐席重点强调,避免以后出现同样错误)",
        "4. Problem recordings (team leads: play these in the shift meeting)",
    ),
    "problems_none": ("本期没有问题录音。", "There is no problem call in this period."),
    "problems_sentence": (
        "以下 {n} 通录音请在班会上重点讲评，其中触及红线 {fatal} 通、不合格 {below} 通。",
        "{n} problem call(s): {fatal} with a red line, {below} below the pass mark.",
    ),
    "problem_untitled": ("成绩不合格", "below the pass mark"),
    "calls_title": ("全部录音", "All recordings"),
    "calls_more": (
        "共 {n} 通，此处列出成绩最低的 {most} 通，全部见工作簿。",
        "{n} in all; the lowest {most} are listed, all stand in the workbook.",
    ),
    "unhappy_title": ("高分不满意", "Passed, yet the customer was not content"),
    "unhappy_note": (
        "评分合格而客户评价不满意：规范做到了，问题可能没有解决，建议人工复听。",
        "Form was kept and the matter perhaps not solved: worth hearing.",
    ),
    "mystery_title": ("神秘顾客录音（单独列示，不计入任何平均）", "Mystery calls, apart"),
    "objections_title": ("异议处理", "Objections"),
    "good_title": ("优秀录音", "Good recordings"),
    "good_note": ("可在班会上播放示范。", "To be played as examples."),
}

TEXTS: dict[str, tuple[str, str]] = {
    **PART_TEXTS,
    **APPENDIX_TEXTS,
    **TABLE_TEXTS,
    **PAGE_TEXTS,
    **MEASURE_TEXTS,
}
