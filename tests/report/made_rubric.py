"""The rubric of the invented scorecards: criteria, how often they fail, what is said then."""

from __future__ import annotations

from qc_pipeline.report.inputs import CriterionFacts, RubricFacts

SHA = "5f" * 32
BANDS = ((95.0, "优秀"), (90.0, "良好"), (85.0, "合格"), (0.0, "不合格"))

# id, title, points, section, severity, how often it fails, what is said when it does, what to say
CRITERIA: tuple[tuple[str, str, float, int, str, float, str, str], ...] = (
    ("greeting", "开头问候规范用语", 3, 0, "minor", 0.12, "", "您好,请问有什么可以帮您"),
    ("courtesy", "通话过程使用礼貌用语", 3, 0, "minor", 0.10, "", "请问、麻烦您、谢谢"),
    (
        "hold-notice",
        "需客户等待时事先告知",
        4,
        0,
        "minor",
        0.34,
        "嗯我看一下",
        "请您稍等,我帮您查询",
    ),
    ("hold-return", "等待后致谢或致歉", 2, 0, "minor", 0.22, "", "对不起,让您久等了"),
    ("taboo", "服务禁语", 6, 0, "major", 0.05, "我都说了多少遍了", ""),
    ("tone", "语气热情度与微笑", 7, 0, "minor", 0.0, "", ""),
    ("closing", "结束语(致谢、道别)", 2, 0, "minor", 0.18, "", "感谢您的来电,再见"),
    ("abuse", "辱骂、讥讽客户(红线)", 0, 0, "fatal", 0.02, "你是不是有毛病", ""),
    (
        "verify-identity",
        "先核实身份再提供账户信息",
        5,
        1,
        "major",
        0.08,
        "您上月欠费五十八块",
        "请您提供登记的姓名",
    ),
    ("read-back", "联系号码复述核对", 3, 1, "minor", 0.26, "", "跟您核对一下号码"),
    ("first-asked", "首问负责、不推诿", 6, 1, "major", 0.06, "这个不归我们管", "我帮您转接并登记"),
    (
        "time-limit",
        "承诺事项告知时限",
        3,
        1,
        "minor",
        0.31,
        "我们尽快给您处理",
        "24 小时内给您答复",
    ),
    ("tell-once", "一次性告知材料、步骤、时限", 3, 1, "minor", 0.09, "", "需要准备三样材料"),
    ("answer-correct", "依据知识库全面、正确解答", 8, 1, "major", 0.0, "", ""),
    ("record-match", "正确匹配客户信息并按规范填写记录", 12, 1, "minor", 0.0, "", ""),
    (
        "empathy",
        "客户不满时先安抚致歉",
        4,
        2,
        "minor",
        0.20,
        "那我也没办法",
        "非常抱歉给您带来不便",
    ),
    (
        "complaint-record",
        "投诉登记三要素(姓名、电话、事项)",
        5,
        2,
        "minor",
        0.1,
        "",
        "请问您的称呼和联系电话",
    ),
    (
        "supervisor-request",
        "客户坚持找主管时按规定升级",
        5,
        2,
        "major",
        0.07,
        "主管不在",
        "我帮您升级到主管处理",
    ),
    (
        "escalate-who-when",
        "升级时告知由谁、何时答复",
        11,
        2,
        "minor",
        0.05,
        "",
        "专员 2 小时内联系您",
    ),
)
SECTIONS = (
    ("etiquette", "服务礼仪", 30.0),
    ("procedure", "服务流程", 43.0),
    ("escalation", "升级", 27.0),
)
MANUAL = ("tone", "answer-correct", "record-match")


def rubric() -> RubricFacts:
    return RubricFacts(
        id="inbound-zh",
        version="2026.11",
        title="呼入服务录音质检标准",
        sha256=SHA,
        points=100.0,
        pass_mark=85.0,
        bands=BANDS,
        criteria=tuple(
            CriterionFacts(
                id=c[0],
                title=c[1],
                points=c[2],
                section=SECTIONS[c[3]][1],
                report_part="服务礼仪" if c[3] == 0 else "服务流程",
                why="客户据此判断服务是否规范。"
                if c[4] == "minor"
                else "直接影响客户权益,必须杜绝。",
                ref=f"电话受理规范 2.{i}",
                say=c[7],
                severity=c[4],
                manual=c[0] in MANUAL,
            )
            for i, c in enumerate(CRITERIA, start=1)
        ),
    )
