"""One short call in every format of transcripts made elsewhere, as their makers document it."""

from __future__ import annotations

WHISPERX = {
    "segments": [
        {
            "start": 0.4,
            "end": 1.2,
            "text": " Thank you for calling.",
            "speaker": "SPEAKER_01",
            "words": [
                {"word": "Thank", "start": 0.4, "end": 0.6, "score": 0.9, "speaker": "SPEAKER_01"},
                {"word": "you", "start": 0.6, "end": 0.7, "score": 0.8, "speaker": "SPEAKER_01"},
                {"word": "for", "start": 0.7, "end": 0.8, "score": 0.7, "speaker": "SPEAKER_01"},
                {"word": "calling.", "start": 0.8, "end": 1.2, "score": 0.6},
            ],
        },
        {
            "start": 1.5,
            "end": 2.5,
            "text": " My order 15",
            "speaker": "SPEAKER_00",
            "words": [
                {"word": "My", "start": 1.5, "end": 1.7, "score": 0.9, "speaker": "SPEAKER_00"},
                {"word": "order", "start": 1.7, "end": 2.1, "score": 0.9, "speaker": "SPEAKER_00"},
                {"word": "15"},
            ],
        },
    ],
    "word_segments": [],
    "language": "en",
}
FASTER_WHISPER = [
    {
        "id": 1,
        "seek": 0,
        "start": 0.5,
        "end": 1.5,
        "text": "您好請問",
        "tokens": [1, 2],
        "avg_logprob": -0.2,
        "compression_ratio": 1.0,
        "no_speech_prob": 0.01,
        "speaker": "agent",
        "words": [
            {"start": 0.5, "end": 1.0, "word": "您好", "probability": 0.9},
            {"start": 1.0, "end": 1.5, "word": "請問", "probability": 0.4},
        ],
    },
    {"id": 2, "start": 2.0, "end": 2.4, "text": "喂", "speaker": "customer", "words": None},
]
FUNASR = [
    {
        "key": "call",
        "text": "您好。我要投诉。",
        "timestamp": [
            [500, 700],
            [700, 900],
            [1500, 1700],
            [1700, 1900],
            [1900, 2100],
            [2100, 2300],
        ],
        "sentence_info": [
            {
                "text": "您好。",
                "start": 500,
                "end": 900,
                "timestamp": [[500, 700], [700, 900]],
                "spk": 0,
            },
            {
                "text": "我要投诉。",
                "start": 1500,
                "end": 2300,
                "timestamp": [[1500, 1700], [1700, 1900], [1900, 2100], [2100, 2300]],
                "spk": 1,
            },
        ],
    }
]
ALIBABA = {
    "TaskId": "t",
    "StatusText": "SUCCESS",
    "BizDuration": 12340,
    "Result": {
        "Sentences": [
            {
                "EndTime": 1400,
                "SilenceDuration": 0,
                "BeginTime": 400,
                "Text": "您好,请问有什么可以帮您",
                "ChannelId": 0,
                "SpeechRate": 220,
                "EmotionValue": 6.0,
            },
            {"EndTime": 2600, "BeginTime": 1800, "Text": "我想查一下", "ChannelId": 1},
        ],
        "Words": [
            {"Word": "我想", "BeginTime": 1800, "EndTime": 2100, "ChannelId": 1},
            {"Word": "查一下", "BeginTime": 2100, "EndTime": 2600, "ChannelId": 1},
        ],
    },
}
PARAFORMER = {
    "file_url": "https://example.invalid/call.wav",
    "properties": {"audio_format": "pcm_s16le", "original_duration_in_milliseconds": 9000},
    "transcripts": [
        {
            "channel_id": 0,
            "text": "您好。",
            "sentences": [
                {
                    "begin_time": 100,
                    "end_time": 600,
                    "text": "您好。",
                    "words": [
                        {"begin_time": 100, "end_time": 600, "text": "您好", "punctuation": "。"}
                    ],
                }
            ],
        },
        {
            "channel_id": 1,
            "text": "喂",
            "sentences": [{"begin_time": 900, "end_time": 1100, "text": "喂", "words": []}],
        },
    ],
}
AWS = {
    "JobStatus": "COMPLETED",
    "LanguageCode": "en-US",
    "AccountId": "0",
    "Channel": "VOICE",
    "Participants": [{"ParticipantRole": "AGENT"}, {"ParticipantRole": "CUSTOMER"}],
    "ConversationCharacteristics": {"TotalConversationDurationMillis": 8000},
    "Transcript": [
        {
            "Id": "1",
            "ParticipantRole": "AGENT",
            "Content": "Hello there.",
            "BeginOffsetMillis": 300,
            "EndOffsetMillis": 1000,
            "Sentiment": "NEUTRAL",
            "LoudnessScores": [70.0],
            "Items": [
                {
                    "Type": "pronunciation",
                    "Content": "Hello",
                    "Confidence": "0.98",
                    "BeginOffsetMillis": 300,
                    "EndOffsetMillis": 600,
                },
                {
                    "Type": "pronunciation",
                    "Content": "there",
                    "Confidence": "0.5",
                    "BeginOffsetMillis": 600,
                    "EndOffsetMillis": 1000,
                },
                {"Type": "punctuation", "Content": ".", "Confidence": "0.0"},
            ],
        },
        {
            "Id": "2",
            "ParticipantRole": "CUSTOMER",
            "Content": "Hi",
            "BeginOffsetMillis": 1200,
            "EndOffsetMillis": 1500,
            "Items": [],
        },
    ],
}
SRT = """1
00:00:00,500 --> 00:00:01,500
[agent] 您好

2
00:00:02,000 --> 00:00:03,000
[客户] 我要
投訴

3
00:01:03,250 --> 00:01:04,000
快点
"""
VTT = """WEBVTT

NOTE made by hand

00:00.500 --> 00:01.500
<v agent>您好 &amp; 欢迎</v>

cue-2
01:00:02.000 --> 01:00:03.000 align:start
客户:喂
"""
