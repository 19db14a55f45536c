"""Sentences of a call centre as a recogniser would write them: with seeded, known errors.

Per character, with the given probability one error: 70 % another character of the same syllable,
10 % any other character, 10 % lost, 10 % one more behind it. A character that is alone with its
syllable (您) becomes one of a syllable that is usually confused with it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from functools import lru_cache

from qc_pipeline.scoring.recogniser_confidence import drawn_confidence
from qc_pipeline.text.syllables import confused, readings

# Words of two and three syllables are the hardest to hear: 22 of 60.
SAID = (
    # two
    "您好", "抱歉", "谢谢", "再见", "稍等", "请讲", "贵姓", "理解", "投诉", "升级", "经理",
    "傻子",
    # three
    "请稍等", "对不起", "不客气", "请放心", "麻烦您", "久等了", "请别急", "没问题", "找领导",
    "神经病",
    # four
    "感谢来电", "请问贵姓", "帮您升级", "转接主管", "帮您登记", "爱办不办", "稍等一下",
    "祝您愉快", "不归我管", "请您放心", "如何称呼", "专员回电", "听不懂吗", "随便投诉",
    # five to eight
    "请您稍等一下", "说了多少遍了", "感谢您的来电", "祝您生活愉快", "你到底想怎样",
    "很高兴为您服务", "还有其他可以帮您", "还需要其他帮助吗", "给您带来不便", "我帮您核实一下",
    "让你们主管接电话", "请您不要挂机", "请您保持电话畅通", "我理解您的心情", "感谢您的耐心等待",
    "这个我不清楚",
    # nine and more
    "请问有什么可以帮到您", "二十四小时内给您答复", "请您对我的服务进行评价",
    "为了保护您的信息安全", "非常抱歉给您添麻烦了", "三个工作日内有专员联系您",
    "本次通话将会被录音请知悉", "请您提供一下注册的手机号码",
)  # fmt: skip

# Said beside what a recogniser or a hasty rule takes them for: (phrase looked for, said instead).
MINIMAL_PAIRS = (
    ("升级", "登记"), ("登记", "升级"), ("经理", "尽力"), ("傻子", "沙子"), ("投诉", "投宿"),
    ("帮您升级", "帮您登记"), ("帮您登记", "帮您升级"), ("找经理", "找经历"),
    ("我要投诉", "我要投宿"), ("可以帮您办理", "不可以帮您办理"),
    ("我可以帮您办理", "我没可以帮您办理"), ("这个能给您退款", "这个不能给您退款"),
    ("不能给您退款", "能给您退款"), ("您的订单已发货", "您的订单未发货"),
    ("这个不归我们管", "这个都归我们管"), ("没有收到您的货", "已有收到您的货"),
)  # fmt: skip

_BEFORE = (
    "", "", "", "嗯", "那个", "这样的话", "先生", "女士", "好的", "是这样的", "那我这边", "行",
)  # fmt: skip
_AFTER = ("", "", "", "啊", "呢", "好吧", "那", "先这样", "您看行不", "可以吧")  # fmt: skip

_WHO = (
    "我爸", "我妈", "我朋友", "隔壁老王", "快递员", "楼下超市", "维修师傅", "我同事", "小区物业",
    "房东", "仓库那边", "财务部门", "技术人员", "张师傅", "供应商", "银行", "学校", "医院",
    "孩子", "邻居",
)  # fmt: skip
_WHEN = (
    "昨天", "前天", "上个星期", "去年冬天", "三月份", "刚才", "早上八点", "中午吃饭的时候",
    "下班以后", "国庆那几天", "礼拜二", "半夜", "开会之前", "搬家那天", "下雨天", "每个月",
    "过年的时候", "以前",
)  # fmt: skip
_DID = (
    "买了一台洗衣机", "换了个新路由器", "交了两百块押金", "签了一份合同", "下了三个订单",
    "改了收货地址", "绑定了另一张卡", "把发票弄丢了", "收到一条短信", "打开软件看了看",
    "重新装了一遍系统", "拆了包装盒", "扫了那个二维码", "预约了上门安装", "退回去一件衣服",
    "充了五十块话费", "办过一张会员卡", "选的是分期付款", "填错了门牌号", "量了一下尺寸",
    "拍了几张照片", "测了网速", "关掉了自动续费", "搬到了朝阳区",
)  # fmt: skip
_BUT = (
    "结果颜色完全不一样", "发现里面少了一个螺丝", "价格比网上贵不少", "灯一直闪", "声音特别大",
    "信号只有一格", "温度怎么都上不去", "屏幕上有一道划痕", "物流三天没动了", "账单多出来十七块",
    "积分没到账", "页面打不开", "密码输了好几遍都错", "门铃按了没反应", "遥控器找不着了",
    "水管有点漏", "说明书是英文的", "保修卡在抽屉里", "型号跟图片上不同", "插头是三孔的",
    "电池只能用半天", "冰箱门关不严", "优惠券过期了", "赠品没有寄来",
)  # fmt: skip
_ASK = (
    "这种情况算谁的", "运费谁来出", "能换一个白色的么", "要多长时间才到", "需要带身份证吗",
    "是不是得去门店", "发票抬头写公司行吗", "旧的可以折多少钱", "周末有人上班没有",
    "哪个套餐划算", "流量能不能结转", "怎么看余额", "在哪儿点确认", "营业厅几点开门",
    "会不会影响信用", "颜色还有别的吗", "保质期多久",
)  # fmt: skip
_TELL = (
    "系统里显示是昨天出库的", "这个型号目前缺货", "您的套餐每月三十九元", "安装费用已经包含在内",
    "地址是朝阳区建国路", "订单状态是运输中", "包裹到了成都中转站", "账户余额有一百二十六元",
    "会员等级是白银", "优惠活动到月底结束", "门店营业到晚上九点", "发票会以邮件形式发送",
    "工程师下午三点上门", "押金原路退回到银行卡", "您名下有两个宽带账号", "合同期是二十四个月",
    "流量用了八个多", "设备需要断电重启", "旧机器要保留原包装", "信号灯变绿表示正常",
)  # fmt: skip
_LINK = ("然后", "但是", "因为", "所以", "而且", "后来", "不过", "其实", "就是", "反正", "")


def with_phrase(phrase: str, rng: random.Random) -> str:
    """A turn in which `phrase` is said."""
    before, after = rng.choice(_BEFORE), rng.choice(_AFTER)
    tail = rng.choice(_TELL) if rng.random() < 0.4 else ""
    return ",".join(part for part in (before, phrase + after, tail) if part)


def other_turn(rng: random.Random) -> str:
    """A turn with none of the phrases and nothing that means the same."""
    kind = rng.random()
    if kind < 0.45:
        who = rng.choice(_WHO) if rng.random() < 0.6 else "我"
        first = f"{rng.choice(_WHEN)}{who}{rng.choice(_DID)}"
        return f"{first},{rng.choice(_LINK)}{rng.choice(_BUT)}"
    if kind < 0.65:
        return f"{rng.choice(_BUT)},{rng.choice(_ASK)}"
    if kind < 0.9:
        return f"{rng.choice(_TELL)},{rng.choice(_LINK)}{rng.choice(_TELL)}"
    return rng.choice(_ASK)


@lru_cache(maxsize=1)
def _characters() -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The characters of GB 2312 (first level), and those of all of it by usual syllable."""
    first: list[str] = []
    by_syllable: defaultdict[str, list[str]] = defaultdict(list)
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                char = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            if high < 0xD8:
                first.append(char)
            for syllable in readings(char)[:1]:
                by_syllable[syllable].append(char)
    return tuple(first), {s: tuple(c) for s, c in by_syllable.items()}


@lru_cache(maxsize=1024)
def _sounding_like(char: str) -> tuple[str, ...]:
    """Other characters of the same syllable; of its confusion class where there are none."""
    _, by_syllable = _characters()
    syllable = readings(char)[0]
    same = [c for c in by_syllable.get(syllable, ()) if c != char]
    if not same:
        near = (s for s in by_syllable if confused(s) == confused(syllable))
        same = [c for s in sorted(near) for c in by_syllable[s] if c != char]
    return tuple(same)


def misheard(text: str, rate: float, rng: random.Random) -> str:
    """`text` with an error in each Chinese character with probability `rate`."""
    return "".join(char for char, _ in misheard_words(text, rate, rng))


def misheard_words(text: str, rate: float, rng: random.Random) -> list[tuple[str, float]]:
    """(character, confidence) of what a recogniser would write: each as sure as such a one is of
    what it heard rightly, or wrongly (`qc_pipeline.scoring.recogniser_confidence`).
    """
    common, _ = _characters()
    out: list[tuple[str, float]] = []

    def write(char: str, *, right: bool) -> None:
        out.append((char, drawn_confidence(rng, right=right)))

    for char in text:
        if not readings(char) or rng.random() >= rate:
            write(char, right=True)
            continue
        kind = rng.random()
        if kind < 0.7:
            write(rng.choice(_sounding_like(char) or common), right=False)
        elif kind < 0.8:
            other = rng.choice(common)
            while other == char:
                other = rng.choice(common)
            write(other, right=False)
        elif kind >= 0.9:
            write(char, right=True)
            write(rng.choice(common), right=False)
    return out
