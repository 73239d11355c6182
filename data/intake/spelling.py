"""Traditional characters as the simplified ones in which headers, cities and networks are known."""

from data import platforms

_PAIRS = (
    "業业務务廣广蘇苏鳥鸟東东豐丰達达韻韵國国郵邮遞递萬万億亿單单價价補补貼贴開开關关閉闭時时間间經经緯纬類类網网點点驛驿號号編编碼码"
    "稱称區区縣县寧宁瀋沈陽阳慶庆島岛濟济鄭郑漢汉長长貴贵蘭兰銀银烏乌魯鲁齊齐爾尔濱滨連连無无錫锡揚扬鎮镇紹绍興兴溫温麗丽臺台紅红滄沧邊边"
    "龍龙馬马銅铜蕪芜陝陕雲云內内遼辽門门倉仓順顺極极媽妈團团寶宝貓猫貨货費费減减額额總总計计數数據据來来櫃柜狀状態态營营運运結结歸归屬属"
    "贛赣婁娄懷怀嶽岳瀘泸綿绵樂乐賓宾資资涼凉義义畢毕節节臨临鷄鸡雞鸡鹹咸張张吳吴濰潍澤泽煙烟棗枣萊莱鹽盐巖岩頭头揭揭賀贺欽钦黃黄荊荆"
    "隨随雙双鴨鸭綏绥鶴鹤崗岗錦锦蘆芦盤盘鐵铁嶺岭撫抚滿满攬揽簽签訂订級级別别鄉乡備备註注說说明明樞枢週周稅税擬拟類类歲岁門门為为產产"
    "層层戶户際际隊队陰阴項项須须顧顾風风飛飞餘余騰腾麥麦黨党龜龟莊庄葉叶蔣蒋衛卫裝装複复規规觀观記记設设許许評评該该詳详語语請请調调"
)
_SIMPLE = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))


def simple(text: str) -> str:
    """Text in simplified characters."""
    return text.translate(_SIMPLE)


def fold(text: str) -> str:
    """Simplified, lower case, half width, without spaces and punctuation."""
    return platforms.fold(simple(text))
