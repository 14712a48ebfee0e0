"""Invented sentences in English and Korean. Nobody and nothing in them exists."""

from random import Random

RARE = {"en": "hollow lantern", "ko": "빈 등잔"}  # one record in 5,000 has it: the search for few among many

EN_WHO = (
    "Some traders", "Two households", "Two unnamed people", "Several labourers", "Workers of a night shift",
    "Three students", "Eleven singers", "Relatives of a returnee", "Two former clerks", "Members of a work brigade",
    "Some elderly farmers", "Passengers of a lorry", "Two schoolteachers", "Four fishermen", "Several messengers",
)  # fmt: skip
EN_WHAT = (
    "were held without a warrant", "were taken from home before dawn", "were questioned for nine days",
    "were beaten during questioning", "were refused food for two days", "were made to work without pay",
    "were moved to another facility without notice", "were tried in public without counsel", "were separated by force",
    "were denied medical care", "were sent back across the river", "were made to sign what they could not read",
    "disappeared after a summons", "were punished for listening to a broadcast", "were kept standing for hours",
)  # fmt: skip
EN_WHERE = (
    "at a county holding centre", "in the cellar of a store", "near a brickyard",
    "at a checkpoint on the northern road",
    "in a converted school", "at a quarry", "on a collective farm", "in an office without a sign", "beside the railway",
    "at a camp behind two fences", "in a guarded ward", "on a ferry landing",
)  # fmt: skip
EN_MORE = (
    "A neighbour saw the vehicle and remembered its colour.", "The officer gave no name.", "No record was handed over.",
    "The witness drew the layout of the rooms from memory.", "Relatives were told to ask no further.",
    "A second account gives a different month.", "The group was released in pairs.", "One person did not come back.",
    "The order was said to have come from the province.", "Payment was asked for a visit.",
    "The building has since been pulled down.", "The interpreter was unsure of one word and marked it.",
    "A photograph shows the gate, taken years later.", "The account was read back and confirmed.",
)  # fmt: skip
KO_WHO = (
    "상인 여러 명이", "두 가구가", "이름을 밝히지 않은 부부가", "노동자 몇 명이", "야간조 전원이", "학생 세 명이",
    "귀환자 가족이", "전직 사무원이", "작업반원들이", "고령의 농민이", "트럭에 타고 있던 사람들이", "교원 한 명이",
    "어민 네 명이", "심부름꾼이",
)  # fmt: skip
KO_WHAT = (
    "영장 없이 구금되었다.", "새벽에 집에서 끌려갔다.", "아흐레 동안 조사를 받았다.", "조사 중에 구타를 당했다.",
    "이틀 동안 음식을 받지 못했다.", "임금 없이 일을 해야 했다.", "통보 없이 다른 시설로 옮겨졌다.",
    "변호인 없이 공개 재판을 받았다.", "강제로 헤어졌다.", "치료를 받지 못했다.", "강을 건너 되돌려 보내졌다.",
    "읽지 못한 진술서에 서명해야 했다.", "소환된 뒤 사라졌다.",
)  # fmt: skip
KO_WHERE = (
    "군 구류장에서", "상점 지하실에서", "벽돌 공장 근처에서", "북쪽 도로 검문소에서", "학교를 고친 건물에서",
    "채석장에서", "협동농장에서", "간판 없는 사무실에서", "철길 옆에서", "이중 울타리 안 수용소에서", "나루터에서",
)  # fmt: skip
KO_MORE = (
    "이웃이 차량의 색을 기억했다.", "담당자는 이름을 밝히지 않았다.", "문서는 전달되지 않았다.",
    "증인은 방의 배치를 기억으로 그렸다.", "가족은 더 묻지 말라는 말을 들었다.", "다른 진술은 달이 다르다.",
    "한 사람은 돌아오지 못했다.", "도에서 내려온 지시라고 들었다.", "면회에 돈을 요구받았다.",
    "진술을 다시 읽어 주고 확인받았다.",
)  # fmt: skip
TITLES_EN = ("Detention", "Removal", "Questioning", "Forced labour", "Public trial", "Denial of food", "Transfer")
TITLES_KO = ("구금", "이송", "조사", "강제 노동", "공개 재판", "식량 박탈", "강제 송환")
ITEMS_EN = ("Interview record", "Sketch of a site", "Copy of a register", "Photograph", "Recording", "Letter")
ITEMS_KO = ("면담 기록", "시설 약도", "명부 사본", "사진", "녹음", "편지")


class Phrases:
    """Texts drawn with a generator of random numbers of its own: the same ones for the same seed."""

    def __init__(self, random: Random):
        self.random = random
        pick = random.choice
        # Sentences are put together once: what is drawn a million times must be cheap.
        self.english = [f"{pick(EN_WHO)} {pick(EN_WHAT)} {pick(EN_WHERE)}." for _ in range(600)] + list(EN_MORE) * 20
        self.korean = [f"{pick(KO_WHO)} {pick(KO_WHERE)} {pick(KO_WHAT)}" for _ in range(600)] + list(KO_MORE) * 20
        self.titles = [
            (f"{pick(TITLES_EN)} {pick(EN_WHERE)}", f"{pick(KO_WHERE)} 있었던 {pick(TITLES_KO)}") for _ in range(900)
        ]
        self.items = [
            (f"{pick(ITEMS_EN)}, {pick(EN_WHERE)}", f"{pick(ITEMS_KO)} ({pick(KO_WHERE)} 확보)") for _ in range(300)
        ]

    def title(self) -> tuple[str, str]:
        """In both languages (70 of 100), or in one: (English, Korean)."""
        english, korean = self.random.choice(self.titles)
        chance = self.random.random()
        return (english, korean) if chance < 0.7 else (english, "") if chance < 0.85 else ("", korean)

    def narrative(self) -> tuple[str, str]:
        """Some sentences in English and some in Korean."""
        draw = self.random.choices
        english, korean = " ".join(draw(self.english, k=5)), " ".join(draw(self.korean, k=4))
        if self.random.random() < 0.0002:
            english, korean = f"{english} There was a {RARE['en']}.", f"{korean} {RARE['ko']}이 있었다."
        return english, korean
