"""Chinese surnames, for the first candidates of a name: 王小明 goes before 網小明. Pure."""

import re
from dataclasses import dataclass

_SINGLE = (
    "王 李 張张 劉刘 陳陈 楊杨 黃黄 趙赵 吳吴 周 徐 孫孙 馬马 朱 胡 郭 何 高 "
    "林 鄭郑 謝谢 羅罗 梁 宋 唐 許许 韓韩 馮冯 鄧邓 曹 彭 曾 蕭萧肖 田 董 袁 "
    "潘 于 蔣蒋 蔡 余 杜 葉叶 程 蘇苏 魏 呂吕 丁 任 沈 姚 盧卢 姜 崔 鍾鐘钟 "
    "譚谭 陸陆 汪 范 金 石 廖 賈贾 夏 韋韦 付 傅 方 白 鄒邹 孟 熊 秦 邱 江 "
    "尹 薛 閆闫 段 雷 侯 龍龙 史 陶 黎 賀贺 顧顾 毛 郝 龔龚 邵 萬万 錢钱 "
    "嚴严 覃 武 戴 莫 孔 向 湯汤 常 溫温 康 施 文 牛 樊 葛 邢 安 齊齐 易 "
    "喬乔 伍 龐庞 顏颜 倪 莊庄 聶聂 章 魯鲁 岳 翟 殷 詹 申 歐欧 耿 關关 蘭兰 "
    "焦 俞 左 柳 甘 祝 包 寧宁甯 尚 符 舒 阮 柯 紀纪 梅 童 凌 畢毕 單单 季 "
    "裴 霍 塗涂 成 苗 谷 盛 曲 翁 冉 駱骆 藍蓝 路 游 辛 靳 管 柴 蒙 鮑鲍 "
    "華华 喻 祁 蒲 房 滕 屈 饒饶 解 牟 艾 尤 陽阳 時时 穆 農农 司 卓 古 吉 "
    "繆缪 簡简 車车 項项 連连 蘆芦 麥麦 褚 婁娄 竇窦 戚 岑 景 黨党 宮宫 費费 "
    "卜 冷 晏 席 衛衞卫 米 柏 宗 瞿 桂 全 佟 應应 臧 閔闵 苟 鄔邬 邊边 卞 "
    "姬 師师 和 仇 欒栾 隋 商 刁 沙 榮荣 巫 寇 桑 郎 甄 叢丛 仲 虞 敖 鞏巩 "
    "明 佘 池 查 麻 苑 遲迟 鄺邝 區区 冼 招 植 利 容 官 鄢 籍 儲储 封 練练 "
    "郜 諶谌 荀 計计 勞劳 鞠 莘 蔚 樂乐 殳 鳳凤 雲云 幸 揭 湛 尉 聞闻 候"
)
"""The more frequent first, each with its other forms."""
_RANKS = {form: rank for rank, forms in enumerate(_SINGLE.split()) for form in forms}
_DOUBLE = (
    "歐陽 欧阳 上官 司馬 司马 司徒 諸葛 诸葛 皇甫 尉遲 尉迟 公孫 公孙 慕容 令狐 東方 "
    "东方 夏侯 端木 宇文 長孫 长孙 南宮 南宫 西門 西门 獨孤 独孤 呼延 申屠 軒轅 轩辕 "
    "鍾離 钟离"
)
_COMPOUND = tuple(_DOUBLE.split())
_MOST_MADE = 3


@dataclass(frozen=True)
class Offer:
    """A text to choose. `pick` is the candidate that it is, counted as the input method does; None
    where it was put together here and stands for all that is being composed."""

    text: str
    pick: int | None


def begins_with_surname(text: str) -> bool:
    """Does a text begin as a Chinese name does?"""
    return text.startswith(_COMPOUND) or text[:1] in _RANKS


def as_they_are(candidates: tuple[str, ...]) -> tuple[Offer, ...]:
    """The candidates in the input method's own order."""
    return tuple(Offer(text, index) for index, text in enumerate(candidates))


def surnames_first(candidates: tuple[str, ...], preedit: str) -> tuple[Offer, ...]:
    """The candidates for the beginning of a name: whole names, other surnames, and then the rest
    as it was. An input method knows words, not names, and reads wang xiao ming as 網小明: the names
    that surnames of the same sound make of its reading are put in."""
    syllables = len(re.findall(r"[^ ']+", preedit))
    whole = [text for text in candidates if len(text) == syllables > 1]
    made = _made(candidates, whole[0]) if whole else []

    def order(offer: Offer) -> tuple[int, int]:
        if not begins_with_surname(offer.text):
            return 4, 0
        if offer.pick is None:
            return 1, 0
        if offer.text in whole:
            return 0, 0
        return (2, 0) if len(offer.text) > 1 else (3, _RANKS[offer.text])

    return tuple(sorted((*made, *as_they_are(candidates)), key=order))


def _made(candidates: tuple[str, ...], reading: str) -> list[Offer]:
    if reading.startswith(_COMPOUND):
        return []
    alike: dict[int, str] = {}
    for text in candidates:
        if text in _RANKS:
            # Of its forms the one that the input method thinks of first: 張 here, 张 there.
            alike.setdefault(_RANKS[text], text)
    names = [alike[rank] + reading[1:] for rank in sorted(alike)]
    return [Offer(name, None) for name in names if name not in candidates][:_MOST_MADE]
