"""The tables of the record.

Everything is append-only: a newer row stands beside an older one, `seq` says which came last.
Bodies (words, quotations, personal fields) live in `contents` under their hash and may be purged
there; the fact tables keep scores, hashes and the audit chain whole.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

HASH = String(64)

contents = Table(
    "contents",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("body", Text),
    Column("purged_at", String(40)),
    Column("remains", Text),
)
"""`remains` is what a purge left of a body: scores without quotations, a call without its customer.
It is no longer what has the hash; the audit line of the purge holds a hash over all that it left.
"""

purged = Table(
    "purged",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("recording_id", String(200), nullable=False, unique=True),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("cause", String(20), nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("recording_id", String(200), nullable=False),
    Column("call_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("start_time", String(40), nullable=False),
    Column("agent_id", String(200)),
    Column("team", String(200)),
    Column("business", String(200)),
    UniqueConstraint("recording_id", "call_sha256"),
)

samples = Table(
    "samples",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("start_day", String(10), nullable=False),
    Column("end_day", String(10), nullable=False),
    Column("seed", String(200), nullable=False),
    Column("plan_sha256", HASH, nullable=False),
    Column("frame_sha256", HASH, nullable=False),
    Column("sample_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("reason", Text),
    Index("ix_samples_period", "period"),
)

picks = Table(
    "picks",
    metadata,
    Column("sample_seq", Integer, ForeignKey("samples.seq"), primary_key=True),
    Column("recording_id", String(200), primary_key=True),
    Column("stratum", String(200), nullable=False),
    Column("origin", String(20), nullable=False),
    Column("probability", Float),
    Column("relisten", Boolean, nullable=False),
    Column("inspector", String(200)),
)

replacements = Table(
    "replacements",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("sample_seq", Integer, ForeignKey("samples.seq"), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("replaced_by", String(200)),
    Column("inspector", String(200)),
    Column("decision_seq", Integer, ForeignKey("decisions.seq")),
    Column("at", String(40), nullable=False),
    UniqueConstraint("sample_seq", "recording_id"),
)

transcriptions = Table(
    "transcriptions",
    metadata,
    Column("identity_sha256", HASH, primary_key=True),
    Column("audio_sha256", HASH, nullable=False),
    Column("hearing_sha256", HASH, nullable=False),
    Column("transcript_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("measures_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("envelope", LargeBinary),
    Index("ix_transcriptions_transcript", "transcript_sha256"),
)

heard = Table(
    "heard",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("recording_id", String(200), nullable=False),
    Column("identity_sha256", HASH, ForeignKey("transcriptions.identity_sha256"), nullable=False),
    UniqueConstraint("recording_id", "identity_sha256"),
)

measurements = Table(
    "measurements",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("recording_id", String(200), nullable=False),
    Column("audio_sha256", HASH, nullable=False),
    Column("transcript_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("measures_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("version", String(60), nullable=False),
    Index("ix_measurements_recording", "recording_id"),
)

model_trials = Table(
    "model_trials",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("model_sha256", HASH, nullable=False),
    Column("language", String(10), nullable=False),
    Column("period", String(40), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("fitness", String(20), nullable=False),
    Column("doubtful_below", Float, nullable=False),
    Column("least_confidence", Float, nullable=False),
    Column("body_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_model_trials_model", "model_sha256", "language"),
)

rubrics = Table(
    "rubrics",
    metadata,
    Column("sha256", HASH, ForeignKey("contents.sha256"), primary_key=True),
    Column("rubric_id", String(100), nullable=False),
    Column("version", String(100), nullable=False),
)

scorecards = Table(
    "scorecards",
    metadata,
    Column("sha256", HASH, ForeignKey("contents.sha256"), primary_key=True),
    Column("recording_id", String(200), nullable=False),
    Column("rubric_sha256", HASH, ForeignKey("rubrics.sha256"), nullable=False),
    Column("transcript_sha256", HASH, nullable=False),
    Column("total", Float),
    Column("band", String(100)),
    Column("passed", Boolean),
    Column("provisional", Boolean, nullable=False),
    Column("parent", HASH),
    Index("ix_scorecards_recording", "recording_id"),
)

findings = Table(
    "findings",
    metadata,
    Column("scorecard_sha256", HASH, ForeignKey("scorecards.sha256"), primary_key=True),
    Column("criterion", String(100), primary_key=True),
    Column("verdict", String(20), nullable=False),
    Column("points", Float, nullable=False),
    Column("lost", Float, nullable=False),
    Column("certainty", Float, nullable=False),
    Index("ix_findings_criterion", "criterion"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("sample_seq", Integer, ForeignKey("samples.seq"), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("scorecard_sha256", HASH, ForeignKey("scorecards.sha256")),
    Column("stage", String(20)),
    Column("reason", Text),
    Index("ix_outcomes_sample", "sample_seq", "recording_id"),
)

settings = Table(
    "settings",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("sample_seq", Integer, ForeignKey("samples.seq"), nullable=False),
    Column("settings_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    UniqueConstraint("sample_seq", "settings_sha256"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("criterion", String(100)),
    Column("verdict", String(20), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("source", String(20), nullable=False),
    Column("objection_seq", Integer, ForeignKey("objections.seq")),
    Column("decision_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("card_before", HASH, ForeignKey("scorecards.sha256"), nullable=False),
    Column("card_after", HASH, ForeignKey("scorecards.sha256"), nullable=False),
    Column("token", String(64), unique=True),
    Index("ix_decisions_recording", "period", "recording_id"),
)

claims = Table(
    "claims",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("person", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Index("ix_claims_recording", "period", "recording_id"),
)

automatic = Table(
    "automatic",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("rubric", String(100), nullable=False),
    Column("criterion", String(100), nullable=False),
    Column("identity", String(240), nullable=False),
    Column("model_sha256", HASH, nullable=False),
    Column("engine", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("body_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_automatic_model", "model_sha256", "engine"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("recording_id", String(200), nullable=False),
    Column("parent_sha256", HASH, nullable=False),
    Column("transcript_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("measures_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("edits_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Index("ix_corrections_recording", "recording_id"),
)

rescorings = Table(
    "rescorings",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("rubric_sha256", HASH, ForeignKey("rubrics.sha256"), nullable=False),
    Column("card_before", HASH, ForeignKey("scorecards.sha256"), nullable=False),
    Column("card_after", HASH, ForeignKey("scorecards.sha256"), nullable=False),
    Column("reason_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_rescorings_recording", "recording_id"),
)

publications = Table(
    "publications",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("sample_seq", Integer, ForeignKey("samples.seq"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("recording_id", String(200)),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("objections_due", String(10), nullable=False),
    Column("body_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_publications_period", "period"),
)

objections = Table(
    "objections",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("criterion", String(100)),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("due", String(10), nullable=False),
    Column("card_sha256", HASH, ForeignKey("scorecards.sha256"), nullable=False),
    Column("reason_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("kind", String(20)),
    Column("request_seq", Integer),
    Column("requested_at", String(40)),
    Column("next_shift", String(10)),
    Index("ix_objections_period", "period"),
)

appeal_requests = Table(
    "appeal_requests",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("criterion", String(100), nullable=False),
    Column("agent_id", String(200)),
    Column("requested_at", String(40), nullable=False),
    Column("next_shift", String(10)),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("forward_due", String(10), nullable=False),
    Column("reason_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_appeal_requests_period", "period"),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("criterion", String(100)),
    Column("answer", String(20), nullable=False),
    Column("signed_at", String(40), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("card_sha256", HASH, ForeignKey("scorecards.sha256"), nullable=False),
    Index("ix_acknowledgements_period", "period"),
)

objection_events = Table(
    "objection_events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("objection_seq", Integer, ForeignKey("objections.seq"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("final", Boolean, nullable=False),
    Column("card_sha256", HASH, ForeignKey("scorecards.sha256"), nullable=False),
    Column("reason_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_objection_events_objection", "objection_seq"),
)

followups = Table(
    "followups",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("team", String(200), nullable=False),
    Column("call_day", String(10), nullable=False),
    Column("rules", String(100), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("due", String(10)),
    Column("body_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_followups_recording", "period", "recording_id"),
)

followup_events = Table(
    "followup_events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("followup_seq", Integer, ForeignKey("followups.seq"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("due", String(10)),
    Column("body_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_followup_events_followup", "followup_seq"),
)

coaching = Table(
    "coaching",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("period", String(40), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("agent_id", String(200), nullable=False),
    Column("criterion", String(100), nullable=False),
    Column("start_s", Float),
    Column("way", String(20), nullable=False),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("body_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_coaching_agent", "agent_id"),
)

coaching_events = Table(
    "coaching_events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("coaching_seq", Integer, ForeignKey("coaching.seq"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("outcome", String(20)),
    Column("person", String(200), nullable=False),
    Column("on_behalf_of", String(200)),
    Column("at", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("body_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Index("ix_coaching_events_coaching", "coaching_seq"),
)

calibrations = Table(
    "calibrations",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("period", String(40), nullable=False),
    Column("sample_seq", Integer, ForeignKey("samples.seq"), nullable=False),
    Column("person", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body_sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
)

calibration_sheets = Table(
    "calibration_sheets",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("calibration_seq", Integer, ForeignKey("calibrations.seq"), nullable=False),
    Column("inspector", String(200), nullable=False),
    Column("person", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("answers_sha256", HASH, nullable=False),
    Index("ix_calibration_sheets_calibration", "calibration_seq", "inspector"),
)

calibration_answers = Table(
    "calibration_answers",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("sheet_seq", Integer, ForeignKey("calibration_sheets.seq"), nullable=False),
    Column("recording_id", String(200), nullable=False),
    Column("criterion", String(100), nullable=False),
    Column("verdict", String(20)),
    Column("points", Float),
    Column("words_sha256", HASH, ForeignKey("contents.sha256")),
    Index("ix_calibration_answers_sheet", "sheet_seq"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", String(40), nullable=False),
    Column("who", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("what", Text, nullable=False),
    Column("previous", HASH, nullable=False),
    Column("hash", HASH, nullable=False, unique=True),
)
