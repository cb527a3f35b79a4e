/* names.c - invented people and places.
 *
 * Surnames follow their real frequency roughly (王, 李 and 张 about one in five together), given
 * names the fashion of the year of birth. A few hold characters outside the basic plane or of GB
 * 18030's rarer parts, and a few have the middle dot: both break careless programs. */
#include "county.h"
#include <stdio.h>
#include <string.h>

static const char *const surnames[SURNAMES] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周",   "徐", "孙", "马", "朱", "胡",
    "郭", "何", "林", "罗", "高", "郑", "梁", "谢", "宋", "唐",   "许", "邓", "冯", "韩", "曹",
    "曾", "彭", "肖", "蔡", "潘", "田", "董", "袁", "于", "余",   "蒋", "叶", "杜", "苏", "魏",
    "程", "吕", "丁", "沈", "任", "姚", "卢", "傅", "钟", "姜",   "崔", "谭", "廖", "范", "汪",
    "陆", "金", "石", "戴", "贾", "韦", "夏", "邱", "方", "侯",   "邹", "熊", "孟", "秦", "白",
    "江", "阎", "薛", "尹", "段", "雷", "黎", "史", "龙", "陶",   "贺", "顾", "毛", "郝", "龚",
    "邵", "万", "钱", "严", "覃", "武", "柯", "尚", "纪", "欧阳",
};

/* Per thousand of the population; the tail is level. */
static const uint16_t surname_weights[SURNAMES] = {
    72, 71, 67, 51, 46, 31, 22, 21, 20, 19, 15, 15, 13, 12, 11, 11, 10, 10, 9, 8, 8, 8, 8, 7, 7,
    6,  6,  6,  6,  6,  6,  5,  5,  5,  5,  5,  5,  4,  4,  4,  4,  4,  4,  4, 4, 4, 4, 4, 4, 4,
    4,  4,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3, 3, 3, 2, 2, 2, 2,
    2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2, 2, 2, 1, 1, 1, 1,
};

enum { CHARACTERS = 20, GENERATIONS = 4 };

static const char *const given[GENERATIONS][2][CHARACTERS] = {
    {{"国", "建", "德", "明", "福", "贵", "长", "永", "玉", "志",
      "忠", "发", "富", "生", "树", "喜", "金", "成", "文", "清"},
     {"秀", "桂", "兰", "英", "珍", "芳", "玉", "凤", "莲", "菊",
      "香", "翠", "素", "春", "梅", "淑", "芝", "云", "娥", "琼"}},
    {{"军", "伟", "强", "勇", "斌", "平", "刚", "峰", "波", "涛",
      "辉", "华", "林", "建", "志", "海", "东", "卫", "红", "新"},
     {"丽", "红", "霞", "芳", "艳", "燕", "敏", "玲", "娟", "萍",
      "梅", "琴", "英", "华", "晓", "小", "春", "桂", "秀", "群"}},
    {{"浩", "鹏", "超", "杰", "磊", "宇", "飞", "博", "帆", "凯",
      "旭", "阳", "俊", "佳", "亮", "龙", "晨", "文", "明", "子"},
     {"婷", "静", "雪", "倩", "颖", "慧", "佳", "欣", "莹", "丹",
      "璐", "梦", "雨", "晓", "思", "悦", "瑶", "琪", "洁", "文"}},
    {{"梓", "轩", "宇", "浩", "然", "子", "涵", "俊", "泽", "辰",
      "睿", "一", "诺", "博", "文", "铭", "皓", "嘉", "豪", "晨"},
     {"梓", "涵", "欣", "怡", "雨", "桐", "诗", "语", "可", "馨",
      "思", "琪", "梦", "瑶", "一", "诺", "佳", "宁", "若", "曦"}},
};

static const char *const rare[] = {"䶮", "㛃", "喆", "犇", "𬱖", "𫖯", "玥", "垚"};

static const char *const minority[2][8] = {
    {"买买提", "艾力", "吐尔逊", "玉素甫", "阿卜杜拉", "木呷", "尔古", "达瓦"},
    {"阿依古丽", "古丽娜尔", "帕提古丽", "热孜万古丽", "阿依木", "阿呷", "妞妞", "央金"},
};
static const char *const fathers[] = {"买买提",   "艾力", "肉孜", "卡德尔",
                                      "吐尔洪江", "吉克", "阿苏", "木合塔尔"};

static const char *const place_begin[] = {
    "东", "西", "南", "北", "上", "下", "大", "小", "新", "老", "前", "后", "中",
    "高", "平", "白", "黑", "红", "黄", "青", "金", "银", "双", "三", "五", "龙",
    "凤", "马", "牛", "杨", "柳", "松", "竹", "梅", "石", "土", "沙", "清",
};
static const char *const place_end[] = {
    "沟", "坪", "湾", "坝", "河", "岭", "坡", "桥", "溪", "庙",
    "寨", "堡", "塘", "井", "泉", "岩", "洞", "梁", "滩",
};

uint32_t names_surname(struct dice *d)
{
    return dice_choose(d, surname_weights, SURNAMES);
}

static size_t generation_of(int32_t born)
{
    static const int32_t begins[GENERATIONS - 1] = {1962, 1985, 2006};
    size_t g = 0;

    while (g < GENERATIONS - 1 && born >= begins[g])
        g++;
    return g;
}

void names_person(struct dice *d, uint32_t surname, bool woman, int32_t born, char out[NAME_SIZE])
{
    const char *const *characters = given[generation_of(born)][woman];
    uint32_t first = dice_below(d, CHARACTERS);
    uint32_t second = (first + 1 + dice_below(d, CHARACTERS - 1)) % CHARACTERS;
    const char *last = characters[second];

    if (dice_chance(d, 150))
        last = "";
    else if (dice_chance(d, 2))
        last = rare[dice_below(d, SW_COUNTOF(rare))];
    snprintf(out, NAME_SIZE, "%s%s%s", surnames[surname], characters[first], last);
}

void names_minority(struct dice *d, bool woman, char out[NAME_SIZE])
{
    const char *first = minority[woman][dice_below(d, SW_COUNTOF(minority[0]))];

    snprintf(out, NAME_SIZE, "%s·%s", first, fathers[dice_below(d, SW_COUNTOF(fathers))]);
}

/* Step 101 has no divisor in common with the 722 pairs: neighbours differ, and the first 722
 * places of a kind have names of their own. */
void names_place(uint32_t number, const char *ending, char out[NAME_SIZE])
{
    const uint32_t ends = SW_COUNTOF(place_end);
    uint32_t pair = (uint32_t)((uint64_t)number * 101 % (SW_COUNTOF(place_begin) * ends));

    snprintf(out, NAME_SIZE, "%s%s%s", place_begin[pair / ends], place_end[pair % ends], ending);
}
