"""What the sample calls are about: which problem goes with which explanation, product and firm."""

from __future__ import annotations

from dataclasses import dataclass

TELECOM = ("云桥宽带", "华信通信", "东方电信", "蓝天通信")
BANK = ("青禾银行", "金穗银行")
PARCEL = ("远达快递", "同城速运", "万家物流", "五洲快运")
UTILITY = ("南江燃气", "江北供电", "清源水务", "新城供热")
APPLIANCE = ("安泰家电", "明珠电器")
SHOP = ("星海商城", "好邻居商城")
SOCIAL = ("社保局", "人力资源中心", "市民服务热线")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One matter of a business type. `problem` and `explain` are patterns over the bank's lines."""

    business: str
    bank_name: str
    problem: str
    explain: str
    products: tuple[str, ...]
    companies: tuple[str, ...]


def _topic(
    business: str,
    bank_name: str,
    problem: str,
    explain: str,
    products: tuple[str, ...],
    companies: tuple[str, ...],
) -> Topic:
    return Topic(
        business=business,
        bank_name=bank_name,
        problem=problem,
        explain=explain,
        products=products,
        companies=companies,
    )


TOPICS: tuple[Topic, ...] = (
    _topic(
        "咨询",
        "parcel",
        "还没到|卡在|物流信息|几天",
        "分拨|到达|延误|催|路上|物流|网点",
        ("快递", "订单"),
        PARCEL,
    ),
    _topic(
        "咨询",
        "parcel",
        "签收|破了|驿站|上门",
        "驿站|签收|理赔|保价|催",
        ("快递", "保价服务"),
        PARCEL,
    ),
    _topic(
        "咨询", "social", "医保|看病|津贴", "医保|异地", ("医保", "异地就医", "生育津贴"), SOCIAL
    ),
    _topic(
        "咨询",
        "social",
        "社保|养老|断交",
        "养老|缴费|转移|断缴|基数|退休",
        ("社保", "养老保险"),
        SOCIAL,
    ),
    _topic(
        "咨询",
        "utility",
        "电费|充值|没到账|户名",
        "用电量|阶梯|缴纳|欠费",
        ("电费", "过户", "燃气"),
        UTILITY,
    ),
    _topic("咨询", "refund", "退", "退|订单", ("退货", "换货"), SHOP),
    _topic(
        "业务办理",
        "broadband",
        "移到新家|退掉|升级到",
        "移机|套餐是|到期",
        ("移机", "宽带"),
        TELECOM,
    ),
    _topic(
        "业务办理",
        "bill",
        "便宜的套餐|漫游",
        "取消以后|套餐包含|退订|账单日|余额",
        ("流量套餐", "国际漫游", "停机保号"),
        TELECOM,
    ),
    _topic(
        "业务办理",
        "card",
        "丢了|密码|额度|分期还款|刷不了|被吞",
        "锁定|额度|分期|挂失|冻结",
        ("挂失", "分期还款", "信用卡"),
        BANK,
    ),
    _topic(
        "账单",
        "bill",
        "扣得|多扣|没有开通|查一下|停机|账单|余额",
        "话费|套餐费|增值|流量|漫游|余额|退回",
        ("话费", "流量套餐", "账单"),
        TELECOM,
    ),
    _topic(
        "账单",
        "card",
        "不是我刷|多了一笔|逾期|年费",
        "账单是|交易|逾期|年费|分期|入账",
        ("信用卡", "账单", "分期还款"),
        BANK,
    ),
    _topic(
        "报修",
        "broadband",
        "上不了网|一直断|红灯|不能用|没有信号|没修好",
        "光猫|检修|重启|路由器|网速",
        ("宽带", "光纤", "路由器"),
        TELECOM,
    ),
    _topic(
        "报修",
        "utility",
        "停电|没有水|打不着|煤气味|水表|停水|跳闸",
        "电池|停水|停电|阀门|煤气味|换表",
        ("燃气", "水表", "电表"),
        UTILITY,
    ),
    _topic(
        "报修",
        "repair",
        "坏了|不制冷|声音|漏水|打不开",
        "保修|检测|型号|主板|配件|断电",
        ("上门安装", "延保服务", "保修卡"),
        APPLIANCE,
    ),
    _topic(
        "投诉",
        "complaint",
        "投诉|不满意",
        "受理|转到|处理当中|如实|核实|录音",
        ("快递", "订单"),
        (*PARCEL, *SHOP),
    ),
    _topic(
        "投诉",
        "complaint",
        "投诉|不满意|乱收费|扣费",
        "受理|转到|处理当中|如实|核实|录音",
        ("宽带", "话费", "流量套餐"),
        TELECOM,
    ),
)

# What may be wrong and what may be wanted, by the bank's name of the matter.
FAULTS: dict[str, tuple[str, ...]] = {
    "parcel": ("还没有送到", "信息写错了", "没有人上门"),
    "social": ("办不了", "没有到账", "信息写错了"),
    "utility": ("突然停了", "收费太高", "显示异常"),
    "refund": ("没有到账", "一直没有处理", "办不了"),
    "broadband": ("不能用了", "一直没有信号", "速度很慢"),
    "bill": ("扣费不对", "收费太高", "重复扣款"),
    "card": ("不能用了", "重复扣款", "登录不上"),
    "repair": ("打不开", "声音很大", "没有人上门"),
    "complaint": ("一直没有处理", "扣费不对", "没有人上门"),
}
WANTS: dict[str, tuple[str, ...]] = {
    "parcel": ("重新派送", "修改地址", "催一下快递"),
    "social": ("查一下记录", "补办卡片"),
    "utility": ("上门检查", "核实费用", "恢复使用", "变更户名"),
    "refund": ("退款", "换一个新的"),
    "broadband": ("尽快维修", "恢复使用", "改套餐"),
    "bill": ("核实费用", "打印账单", "改套餐", "取消业务"),
    "card": ("补办卡片", "减免费用", "重置密码"),
    "repair": ("尽快维修", "换一个新的", "改预约时间"),
    "complaint": ("赔偿损失", "减免费用", "退款"),
}

# Which details a customer gives, and where one is sent, by the bank's name of the matter.
_THING = "坏了|住在|地址|开始|大概|事情"
_ORDER = "下的单|网上买|住在|地址|大概|事情"
_OFFICE = "事情|办的|打的电话|开始|大概|住在"
DETAILS: dict[str, str] = {
    "parcel": _ORDER,
    "social": _OFFICE,
    "utility": _THING,
    "refund": _ORDER,
    "broadband": _THING,
    "bill": _OFFICE,
    "card": _OFFICE,
    "repair": _THING + "|买了",
    "complaint": _OFFICE,
}
PLACES: dict[str, tuple[str, ...]] = {
    "parcel": ("驿站", "服务中心"),
    "social": ("社保大厅", "街道办事处", "行政服务大厅"),
    "utility": ("服务中心", "营业厅"),
    "refund": ("就近的门店", "服务中心"),
    "broadband": ("营业厅", "服务中心"),
    "bill": ("营业厅", "服务中心"),
    "card": ("银行网点", "服务中心"),
    "repair": ("售后网点", "维修站", "就近的门店"),
    "complaint": ("营业厅", "服务中心", "就近的门店"),
}
DOCUMENTS: tuple[str, ...] = ("身份证", "户口本", "复印件", "照片", "申请表")
MORE_DOCUMENTS: tuple[str, ...] = ("购机发票", "缴费凭证", "委托书", "收据")
PAST: tuple[str, ...] = (
    "昨天",
    "前天",
    "上个星期",
    "上周三",
    "上周五",
    "上周六",
    "十一月二号",
    "十一月五号",
    "十一月七号",
    "十月二十六号",
    "十月三十号",
    "月初",
    "上个月",
)
AHEAD: tuple[str, ...] = (
    "明天",
    "后天",
    "明天上午",
    "明天下午",
    "后天上午",
    "后天下午",
    "周末",
    "下周一上午",
    "下周二",
    "下周三下午",
    "明天下午三点之前",
    "后天上午十点",
)
AMOUNTS: tuple[str, ...] = (
    "十五",
    "二十",
    "三十",
    "三十九",
    "五十",
    "五十八",
    "六十五",
    "七十九",
    "八十八",
    "一百二十",
    "一百五十",
    "两百",
    "二百六十",
    "三百二十",
    "四百八十",
    "三十六点五",
    "十九点九",
)
WITHIN_DAYS: tuple[str, ...] = (
    "一个工作日内",
    "两个工作日内",
    "三个工作日内",
    "五个工作日内",
    "七个工作日内",
    "十个工作日内",
)
ACCOUNTS: dict[str, tuple[str, ...]] = {
    "parcel": ("运单号", "快递单号"),
    "social": ("社保编号", "受理编号"),
    "utility": ("户号", "燃气表号"),
    "refund": ("订单号", "会员号"),
    "broadband": ("客户编号", "合同号"),
    "bill": ("客户编号", "合同号"),
    "card": ("客户编号", "合同号"),
    "repair": ("设备编号", "工单号"),
    "complaint": ("工单号", "受理编号"),
}
