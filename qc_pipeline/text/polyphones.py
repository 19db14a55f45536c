"""Readings in daily use of characters that have several, beside the first of pypinyin's table.

Likenesses (tiers 2 and 3) are looked for among these only: a reading that nobody uses makes one
that nobody hears (信, once also "shen", and 其, once also "ji", would make 升级; 接 as "cha" would
make 没有接到 of 没有查到). Gone through by how often pypinyin's 47,000 phrases read a character so.
"""

from __future__ import annotations

_IN_USE = (
    "行hang 长zhang 重chong 还hai 还huan 都du 都dou 得dei 得de 地di 地de 的di 了liao 着zhao "
    "着zhuo 着zhe 会kuai 调tiao 调diao 乐yue 给ji 和huo 差chai 差cha 传zhuan 觉jiao 率shuai "
    "率lv 强jiang 省xing 似shi 提di 校jiao 藏zang 曾zeng 朝zhao 弹tan 弹dan 单shan 说shui 系ji "
    "系xi 血xie 薄bao 色shai 熟shou 车ju 大dai 便pian 折she 盛cheng 石dan 什shi 什shen 宿xiu "
    "参shen 参can 称chen 降xiang 角jue 解jie 咖ga 咖ka 卡qia 卡ka 壳qiao 勒lei 露lou 落la 没mo "
    "没mei 模mu 粘nian 粘zhan 屏bing 塞sai 塞se 厦xia 识zhi 数shuo 拓ta 尾yi 吓he 削xue 约yao "
    "择zhai 幢zhuang 盖ge 劲jing 劲jin 剥bao 泊po 奇ji 圈juan 弄long 弄nong 区ou 召shao 查zha "
    "那na 那nei 哪na 哪nei 这zhe 这zhei 谁shei 谁shui 呢ne 呢ni 阿a 啊a 百bai 白bai 不bu 别bie "
    "无wu 非fei 未wei 刹cha 臭xiu 畜xu 膀bang 堡bu 暴bao 扒pa 秘bi 辟pi 扁pian 泌bi 伯bai 卜bo "
    "侧ce 禅shan 颤zhan 澄deng 匙shi 仇qiu 攒zan 撮zuo 逮dai 倘tang 囤tun 恶wu 恶e 否pi 脯pu "
    "咯ge 合ge 荷he 横heng 虹jiang 哗hua 晃huang 混hun 几ji 济ji 夹jia 贾jia 间jian "
    "结jie 仅jin 浸jin 颈geng 咀zui 句ju 据ju 俊jun 看kan 可ke 空kong 溃kui 括kuo 腊la 累lei "
    "俩lia 量liang 令ling 溜liu 六lu 笼long 搂lou 陆liu 绿lv 绿lu 论lun 脉mo 埋man 蔓wan "
    "氓mang 闷men 靡mi 缪miu 娜na 难nan 宁ning 拧ning 疟yao 迫pai 曝bao 仆pu 栖xi 期qi 其qi "
    "亲qing 雀que 嚷rang 若re 散san 扇shan 上shang 少shao 舍she 甚shen 拾shi 属zhu 遂sui 沓da "
    "苔tai 挑tiao 帖tie 通tong 吐tu 褪tun 瓦wa 为wei 委wei 纤qian 相xiang 肖xiao 吁xu 旋xuan "
    "咽yan 要yao 钥yao 钥yue 叶xie 衣yi 遗yi 应ying 佣yong 与yu 晕yun 载zai 脏zang 扎zha 扎za "
    "炸zha 占zhan 涨zhang 正zheng 症zheng 中zhong 种zhong 轴zhou 转zhuan 拽zhuai 琢zuo 钻zuan "
    "作zuo 薄bo 柏bo 磅pang 蚌beng 辟bi 泊bo 卜bu 长chang 匙chi 佛fo 蛤ge 嚼jiao 藉jie 咳hai "
    "勒le 肋lei 潦liao 抹ma 娜nuo 刨bao 朴piao 雀qiao 裳chang 伺si 似si 削xiao 轧zha 栅shan "
    "辗zhan 爪zhua 椎zhui 琢zhuo 仔zi 诘jie 拗niu 捋luo 呱gua 沓ta 喔wo "
    "嚓cha 柚zhou 龈yin 靓liang 啜chuo 著zhuo"
)


def _by_character(pairs: str) -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for pair in pairs.split():
        out[pair[0]] = (*out.get(pair[0], ()), pair[1:])
    return out


READINGS_IN_USE = _by_character(_IN_USE)
