"""Wordings that the bank of sentences lacks, by act; only characters that the bank uses.

Each is itself kept out of training (`held_out`), which the tests check.
"""

from __future__ import annotations

EXTRA: dict[str, tuple[str, ...]] = {
    "agent:abuse": ("你这个蠢货",),
    "agent:ack": ("我知道了", "好的,我记下了", "我记下来了", "行,就这样", "好,就这样吧"),
    "agent:anything-else": ("请问还有其他问题吗", "请问还有别的需要吗"),
    "agent:apology": ("抱歉,给您添麻烦了",),
    "agent:ask-name": ("请问您怎么称呼", "请问您的姓名"),
    "agent:ask-number": ("请您留一个联系电话", "请您报一下联系电话"),
    "agent:block-complaint": ("投诉了也没用", "我就是领导,投诉也没用", "你去投诉也没用"),
    "agent:closing": (
        "谢谢您的来电,再见",
        "谢谢您的来电,祝您身体健康,再见",
        "感谢您的来电,祝您愉快,再见",
        "谢谢您的支持,祝您生活愉快,再见",
        "感谢您的理解,再见",
    ),
    "agent:empathy": ("您别着急,我来帮您处理", "我理解您的心情", "您先别着急,我帮您看一下"),
    "agent:escalate": ("我把这个问题上报给主管",),
    "agent:feedback": ("对的", "嗯好", "哦哦", "好的好的", "对对", "嗯嗯好"),
    "agent:hold-notice": ("好的,请您稍等一下", "请您稍等,我看一下系统"),
    "agent:hold-return": ("久等了,谢谢您的等待",),
    "agent:overpromise": ("我保证没有问题", "我保证明天就好"),
    "agent:push-away": ("这个真的不归我们管", "你打别的电话", "你打别的电话吧"),
    "agent:rating": (
        "请您稍后对我的服务进行评价",
        "麻烦您稍后评价",
        "请您挂机前做一个评价",
        "请您留一个评价",
    ),
    "agent:taboo": ("你怎么听不懂",),
    "agent:unknown": ("这个我不清楚",),
    "agent:verify-identity": (
        "请您提供一下身份证号码后四位",
        "麻烦您提供一下身份证后四位",
        "需要核对一下身份证后四位",
        "麻烦核对一下身份证后四位",
        "麻烦您核对一下身份证后四位",
    ),
    "customer:agree": ("是,对的", "嗯,好", "好的,那行", "好啊"),
    "customer:ask-business": ("这个要多少钱", "收多少钱", "费用是多少钱", "总共要多少钱"),
    "customer:ask-time": ("大概要几天", "多久能办好"),
    "customer:backchannel": ("嗯好", "哦哦", "嗯嗯好", "嗯,知道了", "哦,我知道了"),
    "customer:bye": (
        "好,那再见",
        "好嘞,再见",
        "嗯,那再见",
        "好,谢谢,再见",
        "那再见了",
        "好的,拜拜",
        "谢谢,拜拜",
        "那就先这样,再见",
    ),
    "customer:disagree": (
        "这样不行",
        "那我不同意",
        "这个我不同意",
        "不行,这样不可以",
        "我不是这个意思",
    ),
    "customer:no-more": ("没有了,就这样", "没有了,好的", "没有,就这些", "没有别的问题了"),
    "customer:repeat-please": (
        "没太听懂",
        "你能说慢一点吗",
        "不好意思,没听清楚",
        "什么意思,我没听懂",
        "我不太明白什么意思",
    ),
    "customer:supervisor": ("我要找你们主管", "我要找你们领导", "给我找你们领导", "我就找你们领导"),
    "customer:threat": (
        "我要打幺二三幺五投诉",
        "我要去法院起诉",
        "我要找记者曝光",
        "那我就打幺二三幺五",
        "我现在就打幺二三四五",
    ),
    "customer:withdraw": ("算了,不找主管了", "算了,不找领导了", "那算了,不找领导了"),
}
