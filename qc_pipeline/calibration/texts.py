"""Words of the sheets and of the page, in the languages of reports."""

from __future__ import annotations

from collections.abc import Mapping

from qc_pipeline.scoring.evidence.finding import Verdict

COLUMNS = (
    "number",
    "recording_id",
    "start",
    "length",
    "path",
    "section",
    "criterion",
    "title",
    "points",
    "verdict",
    "lost",
    "note",
    "calibration",
    "inspector",
)
"""The columns of a sheet, in order; `LABELS` names them."""

LABELS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "number": "序号",
        "recording_id": "录音编号",
        "start": "通话时间",
        "length": "时长",
        "path": "录音文件",
        "section": "环节",
        "criterion": "评分项编号",
        "title": "评分项",
        "points": "分值",
        "verdict": "评定",
        "lost": "扣分",
        "note": "备注",
        "calibration": "校准编号",
        "inspector": "评定人",
    },
    "en": {
        "number": "no.",
        "recording_id": "recording",
        "start": "call time",
        "length": "length",
        "path": "file",
        "section": "section",
        "criterion": "criterion id",
        "title": "criterion",
        "points": "worth",
        "verdict": "verdict",
        "lost": "points lost",
        "note": "note",
        "calibration": "calibration",
        "inspector": "inspector",
    },
}

VERDICTS: Mapping[str, Mapping[Verdict, str]] = {
    "zh": {
        Verdict.PASS: "合格",
        Verdict.FAIL: "不合格",
        Verdict.NOT_APPLICABLE: "不涉及",
        Verdict.UNSCORABLE: "无法评判",
        Verdict.HELD: "待复核",
    },
    "en": {
        Verdict.PASS: "pass",
        Verdict.FAIL: "fail",
        Verdict.NOT_APPLICABLE: "not applicable",
        Verdict.UNSCORABLE: "cannot be judged",
        Verdict.HELD: "held",
    },
}

HOW: Mapping[str, tuple[str, ...]] = {
    "zh": (
        "请独立听录音评定,评定前不要互相讨论,也不要查看系统评分。",
        "每通录音听一遍,自上而下逐项在“评定”列选择:合格、不合格、不涉及、无法评判。",
        "不合格而未填“扣分”的,按该项全部分值扣;部分扣分的填写扣分数。",
        "拿不准的可留空,留空不计入一致性;“备注”写明理由,便于校准会上讨论。",
        "请勿改动录音编号、评分项编号、校准编号和评定人;可以筛选、排序。",
    ),
    "en": (
        "Listen and judge on your own: no talk with the others, no look at the machine's score.",
        "Hear each call once and choose a verdict line by line.",
        "A fail without points costs all that the criterion is worth; else give the points.",
        "Leave empty what you cannot decide; it does not count. Notes help in the meeting.",
        "Leave recording, criterion id, calibration and inspector as they are; sorting is fine.",
    ),
}

SHEETS: Mapping[str, tuple[str, str, str]] = {
    "zh": ("评定", "评分标准", "填写说明"),
    "en": ("verdicts", "criteria", "how to fill in"),
}

GUIDE: Mapping[str, tuple[str, ...]] = {
    "zh": ("评分项编号", "评分项", "环节", "分值", "程度", "为何要求", "依据", "规范用语"),
    "en": ("criterion id", "criterion", "section", "worth", "severity", "why", "source", "say"),
}
SEVERITIES: Mapping[str, Mapping[str, str]] = {
    "zh": {"minor": "一般", "major": "严重", "fatal": "红线"},
    "en": {"minor": "minor", "major": "major", "fatal": "fatal"},
}

PAGE: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "title": "质检员校准结果",
        "intro": "{period} · 盲评 {calls} 通录音 · 种子 {seed} · 评定人:{inspectors}",
        "how": "一致率为两两相同的比例;κ 为科恩系数(两人),α 为克里彭多夫系数(人数不限,可有空缺);"
        "括号内为按通话重抽样的 95 % 区间。所有评定都相同时 κ 与 α 无定义,记作 n/a。"
        "校准评定不计入任何坐席的成绩。",
        "overall": "总体",
        "all": "四种评定",
        "deductions": "扣与不扣",
        "what": "口径",
        "units": "评定项次",
        "raw": "一致率",
        "kappa": "κ",
        "alpha": "α",
        "pair": "两人之间",
        "machine": "系统与多数意见",
        "compared": "可比项次",
        "by_machine": "系统扣分",
        "by_people": "多数扣分",
        "both": "共同扣分",
        "held": "多数扣分而系统待复核",
        "precision": "准确率",
        "recall": "召回率",
        "difference": "每通扣分差(系统 - 多数)",
        "apart": "每通扣分相差(绝对值)",
        "criteria": "各评分项",
        "criterion": "评分项",
        "calls": "分歧最大的通话",
        "call": "{id}:{judged} 项中 {disputed} 项不一致",
        "points": "扣分",
        "system": "系统",
        "none": "没有不一致的评定。",
        "answers": "已评项数",
    },
    "en": {
        "title": "Calibration of inspectors",
        "intro": "{period} · {calls} calls judged blind · seed {seed} · inspectors: {inspectors}",
        "how": "Raw agreement is the share of pairs that say the same; κ is Cohen's (two people), α"
        " Krippendorff's (any number, with gaps); in brackets the 95 % interval, calls resampled."
        " Where all verdicts are the same κ and α are not defined: n/a. Nothing of this enters an"
        " agent's score.",
        "overall": "Overall",
        "all": "four verdicts",
        "deductions": "deducted or not",
        "what": "of",
        "units": "items",
        "raw": "agreement",
        "kappa": "κ",
        "alpha": "α",
        "pair": "Between two",
        "machine": "Machine against the majority",
        "compared": "comparable items",
        "by_machine": "machine deducts",
        "by_people": "majority deducts",
        "both": "both deduct",
        "held": "majority deducts, machine held it",
        "precision": "precision",
        "recall": "recall",
        "difference": "points a call, machine minus majority",
        "apart": "points a call, apart",
        "criteria": "By criterion",
        "criterion": "criterion",
        "calls": "Calls they differ on most",
        "call": "{id}: {disputed} of {judged} differ",
        "points": "points lost",
        "system": "machine",
        "none": "Nobody differed.",
        "answers": "answers",
    },
}
