"""What may stand in a slot of a template: names, numbers, dates, products, places.

Every number is written the way it is spoken: 二十四小时, 八零一二, with 幺 for a spoken one.
"""

from __future__ import annotations

import random
from collections.abc import Callable


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = tuple(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉建国志红春梅兰文斌宇浩博雨欣子涵思佳晓雪婷慧海波鹏"
    "飞云龙凤琴萍辉健峰俊凯亮永林振东晨阳美玲嘉怡安宁天立新成德光庆福"
)
COMPANIES = _words(
    "青禾银行 远达快递 云桥宽带 南江燃气 长河保险 华信通信 安泰家电 星海商城 江北供电 清源水务 "
    "同城速运 明珠电器 金穗银行 东方电信 万家物流 市民服务热线 社保局 人力资源中心 新城供热 "
    "好邻居商城 蓝天通信 五洲快运"
)
CITIES = _words(
    "北京 上海 广州 深圳 成都 重庆 杭州 南京 武汉 西安 天津 苏州 郑州 长沙 青岛 沈阳 大连 济南 "
    "合肥 福州 厦门 昆明 哈尔滨 石家庄 宁波 无锡 南昌 贵阳 太原 长春 兰州 海口 佛山 东莞 温州 "
    "洛阳"
)
PRODUCTS = _words(
    "宽带 话费 流量套餐 信用卡 会员卡 燃气 水费 电费 快递 订单 发票 社保 医保 公积金 有线电视 "
    "储蓄卡 贷款 分期还款 养老保险 光纤 路由器 机顶盒 固定电话 积分兑换 国际漫游 来电显示 彩铃 "
    "手机银行 网上银行 短信提醒 上门安装 保修卡 退货 换货 优惠券 账单 过户 移机 停机保号 "
    "实名登记 携号转网 挂失 居住证 失业金 生育津贴 异地就医 保价服务 代收货款 预约挂号 "
    "延保服务 燃气保险 水表 电表 红包"
)
APPLIANCES = _words(
    "空调 冰箱 洗衣机 热水器 电视机 油烟机 微波炉 净水器 燃气灶 洗碗机 电饭煲 吸尘器 手机 电脑 "
    "打印机 扫地机器人 电风扇 壁挂炉"
)
ACCOUNTS = _words(
    "订单号 运单号 户号 客户编号 合同号 工单号 设备编号 快递单号 会员号 保单号 卡号后四位 "
    "验证码 取件码 燃气表号 社保编号 受理编号"
)
DEPARTMENTS = _words(
    "客户关系部 技术部门 投诉处理部 售后部门 财务部门 维修部门 信用卡中心 派送网点 专家组 "
    "后台部门 物流部门 营业厅 社区服务中心 安装部 质量部 市场部 稽查部门 理赔部 抢修中心"
)
DOCUMENTS = _words(
    "身份证 户口本 房产证 结婚证 购机发票 营业执照 委托书 租房合同 银行卡 复印件 照片 申请表 "
    "保修卡 收据 医院证明 出生证明 驾驶证 护照 单位证明 缴费凭证"
)
PLACES = _words(
    "营业厅 社保大厅 银行网点 服务中心 街道办事处 售后网点 驿站 菜鸟柜台 行政服务大厅 派出所 "
    "维修站 就近的门店 社区医院 燃气公司 供电所 自来水公司"
)
FAULTS = _words(
    "不能用了 一直没有信号 扣费不对 还没有送到 没有到账 办不了 登录不上 显示异常 收费太高 "
    "突然停了 速度很慢 一直没有处理 打不开 信息写错了 重复扣款 没有人上门 声音很大 过期了"
)
WANTS = _words(
    "退款 换一个新的 尽快维修 取消业务 修改地址 开发票 查一下记录 恢复使用 重新派送 减免费用 "
    "改套餐 注销账户 上门检查 赔偿损失 补办卡片 打印账单 改预约时间 催一下快递 解除绑定 "
    "变更户名 延长保修 重置密码 关闭自动续费 核实费用"
)
ROADS = _words(
    "人民路 中山路 解放大道 建设街 和平小区 幸福里 朝阳路 长江路 学院路 花园街 滨河路 光明小区 "
    "科技园 南京路 新华街 东湖花园 阳光城 西大街"
)
AGENCIES = _words("消费者协会 市场监管局 工信部 银监会 邮政管理局 信访局 法院 报社 电视台")
HOTLINES = _words("幺二三幺五 幺二三四五 幺二三零零 幺二三七八 市长热线 幺幺零 幺二三三三")
HOURS = ("上午", "下午", "中午", "晚上", "早上")
SPANS_H = ("两", "三", "四", "六", "八", "十二", "二十四", "四十八", "七十二", "三十六")
SPANS_D = _words(
    "一个工作日内 两个工作日内 三个工作日内 五个工作日内 七个工作日内 十个工作日内 "
    "十五个工作日内 三天之内 五天之内 七天以内 一到三个工作日 三到五个工作日 一个月内 两周左右"
)
AGREE = ("好的,", "好,", "嗯,", "是的,", "明白了,", "好的好的,", "没问题,", "行,")
OPENERS = ("我想问一下,", "那个,", "我跟你说,", "麻烦你看一下,", "是这样的,", "你好,", "喂,")
DIGITS = "零一二三四五六七八九"


def count(number: int) -> str:
    """Return a whole number from 1 to 9999 as it is spoken (二百五十, 一千零五)."""
    if number <= 0 or number > 9999:
        raise ValueError(f"number out of range: {number} (allowed: 1 to 9999)")
    if number < 20:
        return ("十" if number >= 10 else "") + (DIGITS[number % 10] if number % 10 else "")
    out, pending_zero = "", False
    for value, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // value % 10
        if digit:
            out += ("零" if pending_zero else "") + DIGITS[digit] + unit
            pending_zero = False
        elif out:
            pending_zero = True
    return out


def digits(rng: random.Random, length: int) -> str:
    """Return `length` spoken digits; nearly always 幺 for a one, as on the telephone."""
    one = "幺" if rng.random() < 0.85 else "一"
    return "".join(one if d == "一" else d for d in (rng.choice(DIGITS) for _ in range(length)))


def mobile(rng: random.Random) -> str:
    """Return an invented mobile number of eleven spoken digits."""
    return "幺" + rng.choice("三五七八九") + digits(rng, 9).replace("一", "幺")


def amount(rng: random.Random) -> str:
    """Return a sum of money without its unit (三十九点九, 两百, 一千二百零五)."""
    kind = rng.random()
    if kind < 0.3:
        return count(rng.randint(1, 99)) if rng.random() < 0.7 else "两百"
    if kind < 0.45:
        return count(rng.randint(1, 99)) + "点" + rng.choice(DIGITS[1:])
    if kind < 0.7:
        return count(rng.randint(1, 99) * 10)
    return count(rng.randint(100, 3000))


def date(rng: random.Random) -> str:
    """Return a day as people name it (昨天, 上个月, 十一月十六号, 上周三)."""
    kind = rng.random()
    if kind < 0.5:
        return f"{count(rng.randint(1, 12))}月{count(rng.randint(1, 31))}号"
    if kind < 0.75:
        return rng.choice(("昨天", "前天", "今天", "上个月", "上个星期", "月初"))
    return rng.choice(("上周", "这周", "周", "星期")) + rng.choice("一二三四五六")


def when(rng: random.Random) -> str:
    """Return a moment to come (明天上午, 下周二, 今天晚上八点之前)."""
    day = rng.choice(("明天", "后天", "今天", "下周" + rng.choice("一二三四五"), "周末", "下个月"))
    kind = rng.random()
    if kind < 0.35:
        return day
    if kind < 0.7:
        return day + rng.choice(HOURS)
    hour = rng.choice(("上午", "下午", "晚上")) + count(rng.randint(1, 12))
    return day + hour + "点" + rng.choice(("", "半", "之前"))


def _pick(values: tuple[str, ...]) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(values)


def _digits(length: int) -> Callable[[random.Random], str]:
    return lambda rng: digits(rng, length)


def _count(low: int, high: int) -> Callable[[random.Random], str]:
    return lambda rng: count(rng.randint(low, high))


def _given(rng: random.Random) -> str:
    return "".join(rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2))))


SLOTS: dict[str, Callable[[random.Random], str]] = {
    "sur": _pick(SURNAMES),
    "sur2": _pick(SURNAMES),
    "gn": _given,
    "t": _pick(("先生", "女士")),
    "co": _pick(COMPANIES),
    "city": _pick(CITIES),
    "city2": _pick(CITIES),
    "prod": _pick(PRODUCTS),
    "appl": _pick(APPLIANCES),
    "acct": _pick(ACCOUNTS),
    "dept": _pick(DEPARTMENTS),
    "doc": _pick(DOCUMENTS),
    "doc2": _pick(DOCUMENTS),
    "place": _pick(PLACES),
    "fault": _pick(FAULTS),
    "want": _pick(WANTS),
    "road": _pick(ROADS),
    "agency": _pick(AGENCIES),
    "hot": _pick(HOTLINES),
    "hr": _pick(HOURS),
    "k": _pick(SPANS_H),
    "days": _pick(SPANS_D),
    "days2": _pick(
        ("三天", "五天", "一个星期", "半个月", "十天", "两天", "一个月", "好几天", "大半年")
    ),
    "mins": _pick(("一分钟", "两分钟", "三分钟", "五分钟", "半分钟", "十分钟", "一两分钟")),
    "cnt": _pick(("两", "三", "四", "五", "六", "七", "八", "好几", "十几", "无数")),
    "speed": _pick(("一百", "两百", "三百", "五百", "一千")),
    "wd": lambda rng: rng.choice(("周", "星期")) + rng.choice("一二三四五六"),
    "mon": lambda rng: count(rng.randint(1, 12)) + "月",
    "day": _count(1, 28),
    "num": _count(3, 36),
    "pct": _count(30, 95),
    "hn": _count(1, 300),
    "no": lambda rng: digits(rng, rng.choice((3, 4))),
    "amt": amount,
    "date": date,
    "when": when,
    "ok": lambda rng: rng.choice(("", "", *AGREE)),
    "ok2": _pick(AGREE),
    "eh": lambda rng: rng.choice(("", "", "", *OPENERS)),
    "n3": _digits(3),
    "n4": _digits(4),
    "n6": _digits(6),
    "n8": _digits(8),
    "n11": mobile,
    "n12": _digits(12),
    "n16": lambda rng: "六二" + digits(rng, 14),
    "n18": _digits(18),
}
