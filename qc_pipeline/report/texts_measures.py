"""Words for how it was said: key → (zh, en)."""

from __future__ import annotations

MEASURE_TEXTS: dict[str, tuple[str, str]] = {
    "measures": ("声音与节奏指标", "How it was said"),
    "measures_note": (
        "供评判语气时参考，不直接扣分；“–”表示没有测得。音量受耳麦、手机和线路影响，各指标的定义见 "
        "docs/measures.md。",
        "For judging the tone, no deductions by themselves; “–” was not measured. Level depends on "
        "headset, mobile and line; docs/measures.md defines every figure.",
    ),
    "measure.talk_s": ("说话时长（秒）", "Talking (s)"),
    "measure.talk_share": ("说话占比", "Share of talking"),
    "measure.turns": ("发言轮数", "Turns"),
    "measure.longest_turn_s": ("最长一轮（秒）", "Longest turn (s)"),
    "measure.response_first_s": ("首次应答等待（秒）", "First answer after (s)"),
    "measure.response_median_s": ("应答等待中位数（秒）", "Answers after, median (s)"),
    "measure.response_longest_s": ("最长应答等待（秒）", "Answers after, longest (s)"),
    "measure.silence_after_s": ("其说完后静音合计（秒）", "Silence after speaking (s)"),
    "measure.silence_after_longest_s": ("其说完后最长静音（秒）", "Longest of these (s)"),
    "measure.interruptions": ("打断对方（次）", "Interruptions"),
    "measure.gave_way": ("被打断而停下（次）", "Gave way"),
    "measure.speech_rate": ("语速（字/分钟）", "Pace (characters or words a minute)"),
    "measure.speech_rate_sd": ("各轮语速差异（标准差）", "Spread of pace (SD)"),
    "measure.speech_rate_change": ("后段比前段语速", "Pace, end against begin"),
    "measure.level_db": ("音量（dBFS）", "Level (dB of full scale)"),
    "measure.raised_most_db": ("最响一轮高出平时（dB）", "Loudest turn above own median (dB)"),
    "measure.clipped_share": ("削波占比", "Clipped"),
    "measure.pitch_hz": ("音高中位数（Hz）", "Pitch, median (Hz)"),
    "measure.pitch_range_st": ("音高起伏（半音）", "Pitch range (semitones)"),
    "measure.voiced_share": ("浊音占比", "Voiced"),
    "measure.monotony": ("平调程度", "Monotony"),
    "measure.silence": ("静音", "Silence"),
    "measure.silence_s": ("静音合计（秒）", "Silence (s)"),
    "measure.silence_longest_s": ("最长静音（秒）", "Longest silence (s)"),
    "measure.silence_untold_longest_s": (
        "未事先告知的最长静音（秒）",
        "Longest silence without notice (s)",
    ),
    "measure.overlap_s": ("同时说话（秒）", "Both talking (s)"),
    "measure.level_difference_db": ("坐席比客户音量高（dB）", "Agent above customer (dB)"),
    "measure.level_difference_corrected_db": (
        "同上，扣除该坐席线路的惯常差（dB）",
        "The same, less what is usual for the agent's line (dB)",
    ),
    "measure.music_s": ("等待音乐（秒）", "Hold music (s)"),
    "measure.ringing_s": ("振铃或忙音（秒）", "Ringing or busy tone (s)"),
    "measure.tone_s": ("其他提示音（秒）", "Other tones (s)"),
    "measure.keys": ("按键（次）", "Keys pressed"),
    "silences": ("较长的静音", "Long silences"),
    "col_silence": ("开始 · 秒数", "Begin · seconds"),
    "col_silence_after": ("谁说完之后", "After"),
    "col_told_to_wait": ("事先告知等待", "Told to wait"),
    "col_thanked_after": ("之后致谢或致歉", "Thanked or apologised"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
}
