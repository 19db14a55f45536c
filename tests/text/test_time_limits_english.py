"""English promises as agents speak them, and times that promise nothing; worked out by hand."""

from datetime import datetime

import pytest

from qc_pipeline.text.time_limits import find_time_limits, parse_limit

# Text as a recogniser writes it, and the latest hours that a limit in it may last (None: not known
# without the call's date). Working days are counted with the weekends between.
PROMISED: list[tuple[str, float | None]] = [
    ("we will call you back within the hour", 1),
    ("i'll have an answer for you within an hour", 1),
    ("you'll hear from us by noon", 24),
    ("the transfer completes by midnight", 24),
    ("you will have it by close of business", 24),
    ("by close of business today", 24),
    ("by the end of the day", 24),
    ("We'll email you before end of day.", 24),
    ("by end of today", 24),
    ("it will be resolved by the end of the week", 168),
    ("somebody will contact you by the end of next week", 336),
    ("i will get back to you in a couple of hours", 2),
    ("in a couple hours", 2),
    ("please allow a couple of days", 48),
    ("you'll get a text in half an hour", 0.5),
    ("a technician will be there in an hour and a half", 1.5),
    ("it takes about one and a half hours", 1.5),
    ("in the next two to three business days", 120),
    ("your card will arrive in three to five business days", 168),
    ("three to five business days", 168),
    ("3-5 business days", 168),
    ("5 to 7 working days", 264),
    ("seven to ten business days", 336),
    ("the refund takes 7 to 10 days", 240),
    ("tomorrow morning", 48),
    ("a supervisor will call you tomorrow", 48),
    ("the day after tomorrow", 72),
    ("by friday", 168),
    ("it should be there on monday morning", 168),
    ("next tuesday", 336),
    ("on the fifteenth", None),
    ("it'll post on the 15th", None),
    ("by the twentieth of november", None),
    ("you'll have it before december 3rd", None),
    ("i will call you this afternoon", 24),
    ("it'll be done overnight", 24),
    ("someone will ring you tonight", 24),
    ("we will process it today", 24),
    ("you'll receive an email later today", 24),
    ("twenty-four hours", 24),
    ("twenty four hours", 24),
    ("within 24 hours", 24),
    ("24 to 48 hours", 48),
    ("within 48 hrs", 48),
    ("you should see it in 10 minutes", 1 / 6),
    ("it will take up to ninety days", 2160),
    ("no later than thirty days", 720),
    ("it shouldn't take more than two days", 48),
    ("in less than a minute", 1 / 60),
    ("in a day or two", 48),
    ("within a week", 168),
    ("in a week and a half", 252),
    ("over the next week", 168),
    ("early next week", 336),
    ("we'll have it for you next week", 336),
    ("sometime this week", 168),
    ("by the end of the month", 744),
    ("the next business day", 72),
    ("you will get it by five pm", 24),
    ("by 5 p.m. tomorrow", 24),
    ("i'll ring you back at three o'clock", 24),
    ("by 3:30 today", 24),
    ("please hold for two minutes", 1 / 30),
    ("may i place you on hold for about two minutes", 1 / 30),
    ("give me two minutes", 1 / 30),
    ("we have a 48 hour turnaround", 48),
    ("within a 24 hour period", 24),
    ("within 24 business hours", 120),
    ("within two days of receiving your form", 48),
    ("before christmas", None),
    ("by tomorrow end of business", 48),
    ("Your order shipped yesterday and will be there in 3 days", 72),
]

NO_LIMIT = [
    "give me a second", "one moment please", "just a minute", "bear with me one second",
    "hold on a sec", "in a second", "in a minute", "in just a moment", "one second", "1 second",
    "two seconds please", "give me one minute", "just one minute", "soon", "shortly",
    "as soon as possible", "right away", "immediately", "by then", "we are here 24/7",
    "twenty four seven", "in a few days", "in a few hours", "within several days",
    "in some minutes", "I've been waiting for two hours", "i've been waiting two hours",
    "you called two days ago", "it took 3 days", "it's taken three weeks already",
    "the last 3 days",
    "over the past two weeks", "in the last 24 hours", "5 minutes ago", "five minutes earlier",
    "for the first 30 days", "we waited about an hour", "you were told three days",
    "it has been two weeks", "the call lasted ten minutes", "i spent two hours on this",
    "after two hours of waiting", "our 24 hour hotline", "a thirty day trial",
    "a 12 month contract", "it is a three day weekend", "ten dollars a month", "once a week",
    "24 hours a day seven days a week", "every two weeks", "two hours late",
    "open 24 hours", "monday to friday", "monday through friday nine to five", "every monday",
    "last friday", "on fridays", "black friday", "you called on monday",
    "on monday you called about this", "since tuesday", "have a good friday",
    "how can i help you today", "thank you for calling this afternoon",
    "how are you doing this morning", "is there anything else i can help you with today",
    "will that be all today", "have a great day", "have a good night", "have a nice weekend",
    "good afternoon", "you were charged on the fifteenth", "the payment posted this morning",
    "we received it this morning", "on the second floor", "on the first page",
    "you were born on march 5th 1980", "we are open from nine a.m. to five p.m.",
    "we close at five p.m.", "it happened at three p.m.", "two days in a row",
    "three months of statements", "i have two questions for you", "a couple of things",
    "the second time", "more than three days", "it's been over a week", "on your next month's bill",
    "you have two cards", "that is a day late", "a month free", "in my two years here",
    "please have your card ready", "",
]  # fmt: skip

# Other wordings of the same.
SECOND_PROMISED = [
    "you should receive it in the mail within seven to ten days",
    "i'm going to send that out to you today and it'll be there by wednesday",
    "it generally takes one to two business days", "that'll be about fifteen minutes",
    "can you call me back in twenty minutes",
    "the money will be back in your account in 48 hours",
    "you'll get it no later than next friday", "our team will reach out in the next 24 hours",
    "please allow five to seven business days for processing", "allow up to two weeks",
    "it's usually three days", "you're looking at a couple of weeks",
    "i'll have my manager call you before the end of the day", "we'll get that done before lunch",
    "your new card is going to be in the mail and it takes about a week",
    "i was told that it will be fixed within 24 hours", "give it an hour or so",
    "try again in an hour", "the appointment is scheduled for thursday at two thirty",
    "it will be active in about ten minutes", "i'll follow up with you on tuesday",
    "expect an email in the next fifteen minutes", "we'll refund it in one to two weeks",
    "it has been escalated and it takes three days",
    "a new one will be mailed and you should have it in ten business days",
    "we've sent the request and it'll take a day", "shouldn't be longer than five minutes",
    "no more than thirty minutes", "seven days", "about a week", "by the weekend",
    "first thing in the morning", "by tomorrow night",
    "i've put in the order and you'll see it in two days",
    "it was approved so you will get it on monday", "you'll have access within a business day",
    "same day", "the credit will show up on your account by the end of next month",
    "it'll be there between two and four pm", "he'll be there at 4 pm",
    "it may take a few minutes up to an hour", "in ninety minutes",
    "in about three quarters of an hour", "in a quarter of an hour", "inside of two hours",
    "within one hundred and twenty days",
    "you will get it within the next couple of business days", "give us about a day",
    "it should reflect by end of business tomorrow",
    "they'll reach out before the end of this week",
    "he is going to call you between nine and eleven am", "your replacement ships tomorrow",
    "should be done in two to four hours", "it normally takes three weeks",
    "a refund typically posts in five days",
    "we can have a technician out there wednesday afternoon",
    "the earliest is friday the thirteenth", "you'll have it back by saturday",
    "within one to three days", "i'll personally check on it monday morning and call you",
    "the line will be back at 6 pm", "delivery is scheduled for december fifth",
    "no later than the end of the month",
    "you can expect a call in the next ten to fifteen minutes", "allow forty eight hours please",
    "let's say by next wednesday", "our team needs two days", "it'll post overnight",
    "that usually clears the next day", "we'll have that to you in a fortnight",
    "in six to eight weeks",
]  # fmt: skip

SECOND_NO_LIMIT = [
    "have you been a customer for more than two years", "for how many days",
    "what days work for you", "which day", "you have been on hold for ten minutes",
    "sorry for the two hour wait", "when did you buy it three days ago",
    "it arrived two days late", "the card was lost two weeks ago",
    "your balance for the last thirty days", "we had an outage this morning",
    "i see you called us this morning", "as of today your balance is fifty dollars",
    "your balance today is one hundred dollars", "and what can i do for you this evening",
    "thank you so much for your time today", "what is the reason for your call today",
    "how's your day going today", "you made a payment on friday",
    "the transaction on november third", "one second let me look that up", "just a sec",
    "this will only take a second", "it'll only take a minute",
    "just give me a moment to pull that up", "hang on a minute",
    "this is your second time calling", "two of them", "i have been here for five years",
    "that happened on tuesday", "it was supposed to be here monday",
    "is that checking account from monday", "what time would you like",
    "it is a five day process", "we're available monday through friday from eight to five",
    "that is the monthly fee", "it has been three days since you paid",
    "there's a thirty day return policy", "day to day", "one day at a time",
    "what's today's date", "the day after", "you have ten days of vacation", "one more time",
    "the first of two payments", "five o'clock news", "may", "the customer of the month",
    "last month", "the three day hold was placed on your account",
    "your last payment was on the first", "that's the second one",
    "sorry about that it took a minute", "my computer takes a second to load",
    "i've been with the company for ten years", "the contract ran for twelve months",
    "your statement covers thirty days", "i was on hold twenty minutes",
    "the store opens at nine am", "we're closed on sunday", "you can call us any day",
    "it's a two minute form", "the first payment was made on the tenth",
    "my kid is three months old", "the offer is valid for two weeks",
    "a day pass costs five dollars", "in a nutshell", "it was monday",
    "i can only see the last two months", "the trial lasts seven days", "seven day trial",
    "your subscription renews every month", "let me take a minute to read this",
    "one moment while i pull that up", "please give me just a couple of seconds",
    "today's date please", "and today is the fourth", "may i help you", "second floor",
    "the march statement", "you've reached us after hours", "what time on monday did you call",
    "how was your weekend", "thanks for waiting two minutes",
]  # fmt: skip


@pytest.mark.parametrize(("text", "hours"), PROMISED)
def test_a_promise_is_found_with_the_latest_it_may_last(text: str, hours: float | None) -> None:
    found = find_time_limits(text, "en")
    assert found, "no limit"
    if hours is None:
        assert [f.within_hours for f in found] == [None]
    else:
        assert found[0].within_hours == pytest.approx(hours)


@pytest.mark.parametrize("text", SECOND_PROMISED)
def test_a_promise_is_found_in_other_wordings(text: str) -> None:
    assert find_time_limits(text, "en")


@pytest.mark.parametrize("text", [*NO_LIMIT, *SECOND_NO_LIMIT])
def test_a_way_of_speaking_the_past_or_a_habit_is_no_limit(text: str) -> None:
    assert [f.text for f in find_time_limits(text, "en")] == []


def test_capitals_and_signs_change_nothing() -> None:
    (found,) = find_time_limits("We’ll call you back Within Twenty-Four Hours.", "en")
    assert found.text == "Twenty-Four Hours"


def test_english_dates_and_weekdays_count_from_the_call() -> None:
    monday = datetime(2026, 11, 16, 10, 0)

    def hours(text: str) -> list[float | None]:
        return [f.within_hours for f in find_time_limits(text, "en", monday)]

    assert hours("we will call you by friday") == [5 * 24]
    assert hours("it will post on the twentieth") == [5 * 24]
    assert hours("by the twenty fifth") == [10 * 24]
    assert hours("by december 1st") == [16 * 24]
    assert hours("on november 3rd") == []  # behind us


def test_a_promise_is_held_against_the_most_allowed_in_english() -> None:
    most = parse_limit("3 working days")
    assert most is not None
    assert [f.at_most(most) for f in find_time_limits("the next business day", "en")] == [True]
    assert [f.at_most(most) for f in find_time_limits("in five business days", "en")] == [False]
    assert [f.at_most(most) for f in find_time_limits("within a couple of hours", "en")] == [True]
