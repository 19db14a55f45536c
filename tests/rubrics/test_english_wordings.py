"""The English wordings of `inbound-en`: what agents and customers say in other words, and what only
sounds like it. Sentences by hand, from no file of dialogues.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.rubric.files import read_rubric
from qc_pipeline.scoring.score import score
from tests.builders import rubric, said

RUBRIC = read_rubric(Path(__file__).parents[2] / "rubrics" / "inbound-en.yaml")

# What cancels a list in the rubric, and which lists the rubric looks for word by word.
UNLESS = {
    "does-not-know": "did-not-hear", "overpromise": "no-guarantee", "abuse": "retells-abuse",
    "overpromise-perhaps": "no-guarantee", "promises-follow-up": "done-at-once",
    "blocks-complaint": "not-block",
}  # fmt: skip
EXACT = [
    "taboo", "taboo-perhaps", "abuse", "overpromise", "overpromise-perhaps", "gives-account-data",
    "blocks-complaint",
]  # fmt: skip
# Lists that speak against the agent or set something going: likenesses count for less.
AGAINST = [
    "taboo", "abuse", "gives-account-data", "pushes-away", "promises-follow-up", "overpromise",
    "overpromise-perhaps", "taboo-perhaps", "threatens-perhaps", "angry", "upset-perhaps",
    "complains", "wants-supervisor", "threatens", "does-not-know",
    "blocks-complaint", "complains-told-piecemeal", "nothing-else", "holds-the-line",
]  # fmt: skip

SAID = {
    "greeting": [
        "good morning acme support anna speaking", "hi there thanks for calling acme",
        "you're through to customer care", "welcome to the service desk",
        "how can i be of assistance", "this is mark with the billing team",
        "what can i do for you today", "thanks so much for calling northern gas",
        "good day you're through to anna", "you've come through to sales",
        "hiya it's dave from the help desk", "very good morning to you",
        "thank you for holding this is jo", "hello and welcome", "acme support how can we help",
        "how can i make your day better", "what seems to be the problem today",
        "how may i direct your call", "good afternoon sir",
        "hello and thank you for calling the gas board", "hi you've reached the returns team",
        "thank you for contacting us how may i be of service", "good morning reservations",
        "hello who am i speaking to", "welcome back to city bank", "hey there this is mike",
        "thanks for your call my name is lily",
    ],
    "asks-name": [
        "who do i have the pleasure of speaking with",
        "could i get your first and last name please", "can i just take your name",
        "and your full name is", "may i know who's calling",
        "could you spell your last name for me", "what was your name again",
        "who am i talking to today", "can i get a name please", "what should i call you",
        "could i ask who's calling please", "your name sir", "may i have your good name please",
        "what name is it under",
    ],
    "polite": [
        "could you possibly check that", "i'd be more than happy to help", "you're very welcome",
        "would you mind repeating that", "i really appreciate it", "we're terribly sorry",
        "have yourself a wonderful afternoon", "enjoy the rest of your day", "i do apologise",
        "no worries my pleasure", "much obliged", "cheers for that", "lovely thank you",
        "if it's not too much trouble", "would you be so kind", "kindly confirm the date",
        "thanks a million", "begging your pardon", "glad to help", "have a blessed day",
        "no bother at all", "apologies for that", "if you wouldn't mind", "thank you kindly",
        "i'd be delighted to help", "so sorry about that", "please and thank you",
        "it's been a pleasure", "sorry for any confusion", "we truly appreciate your business",
        "that's very kind of you", "you're more than welcome", "i beg your pardon",
    ],
    "holds-the-line": [
        "bear with me", "could you hold for me please", "i'm going to place you on a brief hold",
        "one moment please", "just give me a second", "can you hold the line for a minute",
        "hang on a sec", "can i pop you on hold for a moment", "stay with me a moment",
        "just bear with me", "if you'd like to hold", "would you mind holding",
        "please stay on the line", "i'll just put you on hold", "kindly hold the line",
    ],
    "asks-to-wait": [
        "let me just pull that up", "i'm just checking that now", "give me a moment",
        "while i bring up your account", "the system is a bit slow today", "i'll have a look",
    ],
    "thanks-for-waiting": [
        "thanks so much for holding", "thank you for your patience there",
        "sorry to have kept you waiting", "i apologise for the delay", "sorry that took so long",
        "appreciate your patience", "thank you very much for waiting",
        "thanks for bearing with me", "thanks for hanging on", "sorry about the wait",
        "sorry to keep you", "thanks for staying on the line", "thank you for being patient",
        "appreciate you waiting", "hello thank you for waiting on the line",
        "are you still with me", "thank you for your time waiting",
        "thanks ever so much for holding on", "i'm sorry that took a while",
        "apologies for the delay there", "hi there sorry for the long hold",
        "thank you for staying with me", "okay i'm back thanks",
    ],
    "taboo": [
        "that's not my problem", "are you deaf", "i've already told you that",
        "take it or leave it", "you'll just have to deal with it", "don't waste my time",
        "how many times do i have to tell you", "i really don't care what you think",
    ],
    "asks-anything-else": [
        "anything else i can do for you", "is there anything further",
        "do you have any other questions", "was there something else", "will that be all",
        "is that everything for today", "what else can i help you with",
        "did that answer your question", "are you all set then", "any other concerns today",
        "can i assist you further", "is there any other account you need help with",
        "is that you all sorted", "will there be anything further", "was that everything",
        "anything more i can do", "any more questions for me",
        "have i answered everything for you", "is there something more you need",
        "do you need help with anything else", "have i taken care of everything",
        "what else may i do for you today", "is there any other concern i can address",
        "are there other items you'd like to discuss", "is there anything i can do besides that",
        "would there be anything else", "do you require any further help",
        "any other way i can help", "what other questions do you have",
        "is there something else on your mind", "did you need help with anything more",
        "was there any other matter", "will that be all for you today",
        "does that take care of everything for you",
    ],
    "nothing-else": [
        "no that's all thanks", "nope that's everything", "no i'm good", "that'll do it",
        "that's all i needed", "i think that's it", "nothing else thank you", "no i'm all set",
        "that should be all for now", "that's me done", "no i think we're good", "nah that's it",
        "no that'll be everything thank you", "that was it", "that's all for today",
        "no i think i'm set", "no that's fine thank you", "no more thank you",
        "you've answered everything", "i'm happy with that bye",
    ],
    "closing": [
        "bye now", "goodbye", "thank you for calling", "have a lovely evening", "take care",
        "you have a great weekend", "have a good one", "enjoy your day", "all the best",
        "speak soon", "cheers bye", "have a good rest of your day",
        "enjoy the rest of your afternoon", "look after yourself", "ta ra", "catch you later",
        "it was a pleasure serving you", "wishing you a great day", "have a nice day ahead",
        "take it easy", "you too bye", "all the best to you", "drive safely",
        "goodbye and have a safe trip", "have a fantastic rest of your day",
        "thank you so much bye bye", "enjoy your evening", "it was nice talking with you",
        "stay safe", "you have a blessed one", "thanks again for your patience", "bye for now",
        "have a super day",
    ],
    "confirms-need": [
        "so you'd like to cancel the order is that right",
        "just to double check you want the blue one",
        "if i understand you correctly the parcel never came",
        "let me make sure i've got this right", "so what you're saying is the card was declined",
        "am i correct that you moved", "to recap you ordered two",
        "so just so i'm clear you want to cancel", "let me just repeat that you'd like two",
        "right so you're after a refund", "you mentioned the bill is wrong is that right",
        "okay so the issue is the router", "so i understand you've been charged twice",
        "can i just check you mean the savings account", "okay so you need a new card",
        "just so we're on the same page", "let me see if i have this right",
        "if i heard you right", "so basically you want your money back",
        "and that was for two tickets is that correct",
    ],
    "asks-identity": [
        "could you verify your date of birth", "for security purposes what's your postcode",
        "can you confirm the address on the account",
        "can i take the last four digits of the card", "what's your account number",
        "before i can access the account i need a few details", "i've sent a code to your phone",
        "what's your mother's maiden name", "can you confirm a few details for me",
        "could i have your order number", "am i speaking with the account holder",
        "can i take your mother's maiden name",
        "could you give me the first line of your address", "what's the postcode there",
        "can you tell me the memorable word", "i just need to run through security",
        "could i have the last four of your social", "can you please provide your customer id",
        "who's the account holder", "what email address is on the account",
        "please tell me your registered mobile number", "can i get your date of birth please",
        "what's the name on the account", "i'll need to verify who you are first",
        "could you confirm your full address", "may i have the last four of your social please",
        "can you verify the address we have on file", "what is the zip code on the account",
        "i need your date of birth", "can i have your customer number",
        "please provide the billing address", "what was your last transaction for security",
        "i'm going to ask you some security questions",
        "can you confirm the phone number we have", "what's your full name and postcode",
        "could you tell me the answer to your security question",
    ],
    "gives-account-data": [
        "your current balance is forty dollars",
        "your savings account balance is two hundred pounds",
        "your last bill came to sixty dollars", "you owe eighty dollars",
        "i've updated your address", "i have just cancelled that order for you",
        "your card has been blocked", "i'll cancel your subscription now",
        "the money has been transferred into your savings", "we've reset your password",
        "your plan ends in may", "your order shipped on monday",
        "you've got a balance of forty pounds", "your available balance is nine dollars",
        "your direct debit has been cancelled", "i've gone ahead and cancelled your policy",
        "i have processed your refund", "your next payment is due on friday",
        "i've put through your address change", "i have added your wife to the account",
        "your card ending four two is blocked", "i've transferred the money into your account",
        "your booking has been changed",
    ],
    "reads-it-back": [
        "let me read that back to you", "did i get that right", "ending in four two",
        "is that the number you're calling from", "can i repeat that back",
        "just to confirm the number", "i'll repeat that", "let me confirm that number for you",
        "and that's spelled s m i t h",
    ],
    "pushes-away": [
        "that's not our department", "there's nothing i can do", "it has nothing to do with us",
        "you'll need to call somebody else", "we don't handle that here",
        "you need to contact someone else about that", "you will have to ask them yourself",
        "that's above my pay grade", "you're through to the wrong people",
        "it's nothing to do with me", "not my job", "my hands are tied",
        "you'll have to take that up with them", "that's not my responsibility",
        "there's nothing else i can do", "you need to ask someone else",
        "we don't deal with that", "that has nothing to do with our company",
        "it's not my job to fix that", "you'll have to call them yourself",
    ],
    "takes-it-on": [
        "let me put you through to them", "i can connect you", "i'll find out for you",
        "i've opened a ticket", "i'll pass this on to the team", "let me see what i can do",
        "you can also reach them on our website", "let me look into that", "i'll get that sorted",
        "leave it with me", "i'll chase that up", "i'll speak to the team",
        "i can give you their number", "bear with me while i find out",
        "i'll make sure someone calls you", "i'll take ownership of this",
        "we can get that fixed for you", "i'll sort that for you",
        "let me get someone who can help", "i'll walk you over to the right team",
        "i'm happy to transfer you", "we'll take care of it", "i can raise that for you",
    ],
    "promises-follow-up": [
        "someone will call you back", "somebody from the team will be in touch",
        "we'll send it out", "you'll receive an email", "it will be processed",
        "a technician is going to contact you", "i'll call you back", "i will get back to you",
        "we're going to look into it", "your refund will be issued",
        "you should get a refund soon", "my manager will call you",
        "one of our engineers will be with you", "we'll get back to you as soon as possible",
        "it'll be mailed to you", "one of my colleagues will ring you", "we'll be in touch",
        "we'll get that out to you", "someone from billing will give you a call",
        "you'll be hearing from us", "it'll be with you soon", "i'll drop you an email",
        "we'll have someone look at it", "an engineer will come out",
        "the refund will go back to your card", "i'll make sure someone calls you back",
        "i'll give you a call back", "the team will get in touch with you",
        "we will revert to you", "a member of our team will reach out",
        "somebody will give you a ring", "you'll get a call from the courier",
        "we'll let you know", "i'll get someone to call you", "your new card will be mailed out",
        "we will call you back", "you will hear from the claims department",
    ],
    "overpromise": [
        "i guarantee it will arrive", "i can absolutely guarantee that",
        "it'll never happen again", "you will definitely get your money back",
        "i promise you it will be fixed", "it's a hundred percent guaranteed",
    ],
    "angry": [
        "this is absolutely ridiculous", "that is unacceptable", "i'm fed up with this",
        "i am so angry right now", "i'm very disappointed in you",
        "i'm not happy about this at all", "worst customer service ever",
        "you're wasting my time", "how dare you", "you people are useless",
        "nobody is helping me", "i've had enough of this", "what kind of company is this",
        "it's a complete waste of money", "i'm sick and tired of calling", "you ripped me off",
        "this is driving me crazy", "you lied to me", "terrible service", "i'm really frustrated",
        "this is beyond a joke", "i'm absolutely livid", "it's a disgrace", "you lot are useless",
        "i'm at my wits' end", "i've had it up to here",
        "this is the worst experience i've ever had", "i'm extremely dissatisfied", "what a joke",
        "you should be ashamed", "i'm losing my patience", "this is taking the mick",
        "i'm so done with you people", "it's a shambles", "i am very unhappy with this",
        "i'm seriously annoyed", "this is appalling service",
        "unbelievable what a terrible company", "this is absolutely unacceptable",
        "i'm really upset about this", "this has been a nightmare",
        "i'm so frustrated with you guys", "your service is terrible", "i am extremely angry",
        "you've wasted my whole day", "i'm disgusted", "nobody listens to me",
        "this company is a joke",
    ],
    "comforts": [
        "i'm so sorry to hear that", "i completely understand", "i can see why you're upset",
        "that must be frustrating", "i do apologise for that",
        "let me see what i can do to fix this", "i'd be upset too", "i hear you",
        "please don't worry", "my sincere apologies", "oh no that's awful",
        "i do apologise for the inconvenience", "that's not good enough on our part",
        "i can only imagine how annoying that is", "sorry you've had to go through that",
        "i know how you feel", "that shouldn't have happened", "let's get this sorted for you",
        "i appreciate how frustrating this is", "you've every right to be upset",
        "i'm here to help", "bless you that sounds awful", "i get that it's annoying",
        "rest assured we'll fix it", "i feel your pain", "oh i'm really sorry that happened",
        "i understand where you're coming from", "that's really not what we want to hear",
        "i can hear that you're frustrated", "let me see how i can make it better",
        "we apologize for the inconvenience", "you shouldn't have had to wait",
        "thank you for being honest with me", "i want to help you",
        "that's completely understandable", "we'll sort this out together",
    ],
    "complains": [
        "i want to make a complaint", "i'd like to file a formal complaint",
        "i'm calling to complain about my bill", "i wish to lodge a complaint",
        "i wish to complain", "how do i make a complaint", "i want to put in a complaint",
        "i'd like to raise a formal complaint", "i'm lodging a complaint",
        "can i file a grievance",
    ],
    "wants-supervisor": [
        "let me speak to your manager", "i want to talk to a supervisor", "get me your boss",
        "put me through to someone in charge", "i need to speak with somebody more senior",
        "can i talk to somebody else", "connect me with a team leader", "i want your manager now",
        "is there a supervisor please", "let me talk to the person in charge",
        "can i speak to your manager please", "get your manager on the phone",
        "i demand to speak to a supervisor", "who's your boss",
        "is there anyone above you i can talk to", "i'd like to speak with someone higher up",
        "let me speak to whoever is in charge", "i want this escalated",
        "pass me to your team leader", "i want to speak with your supervisor right now",
        "let me talk to your manager", "could you put a manager on",
        "transfer me to someone senior", "i'd like a supervisor please",
        "get me someone who's in charge",
    ],
    "escalates": [
        "i'll escalate this to my supervisor", "let me get my manager for you",
        "i'm going to put you through to my manager", "our complaints team will contact you",
        "i'll pass this to my supervisor", "i'm raising this with the team leader",
        "my manager will call you", "i have logged a formal complaint", "i'll get my supervisor",
        "i'm going to escalate that", "let me see if my manager is free",
        "i'll raise it with my team leader", "i've flagged this to my manager",
        "i will arrange for a manager to call you", "let me transfer you to the complaints team",
        "this has been escalated", "i'll have a supervisor give you a call",
        "let me bring my supervisor on the line", "i'll have my manager look at this",
        "i'm passing your case to the escalations team", "i'll log this as a complaint",
        "my team leader will get in touch", "i'd like to refer this to our complaints department",
        "i've raised this with management",
    ],
    "threatens": [
        "i'll be speaking to my lawyer", "i'm going to sue you", "i'll take you to court",
        "i'm reporting you to the ombudsman", "i will go to the press",
        "i'm going to post this on facebook", "i'm taking legal action",
        "you'll hear from my solicitor", "i'm contacting trading standards",
        "i'll tell the newspapers", "i'll see you in small claims court",
        "i will put this all over social media", "my solicitor will be in touch",
        "i'll go to the ombudsman", "i'm calling the consumer affairs office",
        "you'll be hearing from my lawyer", "i'm going to put this on twitter",
        "i'll be leaving this all over facebook", "i'll take it to the small claims court",
        "i'll get on to watchdog", "i'm going to contact the press", "i will file a lawsuit",
        "i'll report you to the better business bureau", "i'm going to the media with this",
        "i'll contact my attorney", "i'm filing a lawsuit",
        "i'm going to report you to the regulator", "expect a call from my lawyer",
        "i'll sue your company",
    ],
    "does-not-know": [
        "i'm not sure about that", "i don't know", "i don't have that information",
        "i can't find your account", "i'm unable to do that", "we don't offer that",
        "i'm afraid that's not possible", "i have no idea", "i couldn't locate the order",
        "that's not something we can do", "we can't change the address", "i couldn't tell you",
        "i wouldn't know", "that i'm not sure of", "i'm afraid i don't have access to that",
        "i can't see that on my system", "it's not showing up here",
        "unfortunately we don't do that", "i have no way of checking",
        "that's beyond what i can do", "i'm not able to do that for you", "i haven't a clue",
        "i really couldn't say",
    ],
    "looks-into-it": [
        "let me find out for you", "i'll check with my colleague",
        "i can transfer you to the branch", "you can also do that online",
        "let me see if my supervisor knows", "would you like me to open a ticket",
        "i will get back to you", "what i can do is send you the form", "let me double check",
        "i'll find somebody who can help", "i can give you the number for the branch",
        "have you tried the website", "i'll put a note on it", "give me a moment to find out",
        "let me consult my colleague", "what i suggest is you call on monday",
        "you might want to try the app", "i'd recommend speaking to your bank",
        "hold on i'll ask", "i can look that up for you", "let me reach out to the other team",
        "i'll send you to the right department", "another thing you can try is restarting it",
        "let me see what other options there are", "i can offer you a refund instead",
    ],
    "blocks-complaint": [
        "there's no point in complaining", "you can't complain about that",
        "we don't take complaints", "complaining won't change anything",
        "i'm not transferring you", "go ahead and complain nobody will listen",
        "complain all you want", "my manager won't speak to you",
    ],
    "tells-identity": [
        "hi my name is ann lee", "it's mrs brown here", "my account number is four two",
        "my date of birth is the first of may",
    ],
    "invites-rating": [
        "please stay on the line for a short survey", "you'll get a text to rate my service",
        "we'd love your feedback", "how did i do today",
    ],
    "complains-told-piecemeal": [
        "nobody told me that", "you didn't tell me about the form",
        "why didn't you say so before", "last time they said i only needed my id",
        "this is the third time i've come", "every time i call i hear something different",
    ],
    "overpromise-perhaps": [
        "it will definitely be there", "trust me", "i promise", "a hundred percent",
    ],
    "taboo-perhaps": [
        "calm down madam", "i already told you so", "that's your problem",
        "make up your mind please", "what do you want me to do",
    ],
    "upset-perhaps": [
        "this is the third time i've called", "i've been waiting for two weeks",
        "are you kidding me", "i'm really worried about this", "it's very urgent",
        "it still hasn't arrived", "i can't believe this",
    ],
    "threatens-perhaps": [
        "i'll ask my lawyer", "i'll leave a bad review", "i will report this to the bank",
    ],
}  # fmt: skip

NOT_SAID = {
    "taboo-perhaps": [
        "whatever works best for you", "like i said the branch opens at nine",
        "you can relax now it is done", "listen to the options please",
        "it's not that difficult just click here",
    ],
    "threatens-perhaps": [
        "the address is fourteen elm court", "i have power of attorney for my mother",
        "i saw it on facebook", "the food court is closed",
    ],
    "overpromise-perhaps": [
        "i am sure", "we will do our best",
    ],
    "greeting": [
        "what day would you like", "yes what", "go ahead", "and the afternoon one",
    ],
    "polite": [
        "okay what is the account", "you have two accounts", "i can do that",
        "have a look at the page",
    ],
    "holds-the-line": [
        "it was on hold for a month", "please have your card ready", "the payment is on hold",
        "at the moment we are closed", "hold the card to the reader",
    ],
    "thanks-for-waiting": [
        "thank you for calling", "sorry i missed that", "thanks for the payment",
        "the waiting time is two days",
    ],
    "taboo": [
        "the press key is on the left", "they contacted you to deal with it",
        "i can deal with it for you", "let me explain that again", "do you want me to send it",
        "i care about this", "what would you like me to do", "we deal with it here",
        "you can take it or we can send it", "i don't care for coffee but i can make one",
        "it should be up in an hour", "why don't you read me the number",
        "how many times did the card fail", "the line will be quiet after six",
        "you should have access now", "take your time to make up your mind",
        "don't you have another card", "that is not a problem", "my hands are full",
    ],
    "asks-anything-else": [
        "is there a card on file", "what is the company name", "let me check that",
        "are you at home", "do you have the number",
    ],
    "nothing-else": [
        "that's the problem", "that is my address", "it is not working", "i need a card",
        "no it did not arrive", "that is my last bill", "that's done already by my bank",
        "we are all waiting", "the order is done wrong", "just set it up",
    ],
    "closing": [
        "hold on", "please call the branch", "the day after", "have a look at this",
        "you have two cards",
    ],
    "gives-account-data": [
        "how can i change your address", "would you like to change your address",
        "i can change it after a few questions", "what is your balance",
        "do you know your balance", "a new order form is online",
        "opening hours are nine to five", "i've noted that", "you can update your address online",
        "have you changed your address", "if you cancel the order", "what is your order number",
        "the branch has been closed for the day", "our menu options have been changed",
        "i've opened a ticket for you", "i'll update the notes", "the system has been updated",
        "we have moved to a new address", "what's the balance on the other card",
        "has your card been blocked", "was your account closed", "i have set up the meeting room",
        "your account type please",
    ],
    "asks-identity": [
        "what is the company name", "what is the amount", "what is the company address",
        "which account", "we take security seriously",
    ],
    "pushes-away": [
        "i'll call someone", "nothing to worry about", "that's our department",
        "i can do something for you", "there's nothing wrong with it", "we handle that here",
        "let me call the other team for you", "if i can do anything for you let me know",
        "it's not on your account", "did you ask someone else",
        "let me call someone else for you", "the charge is not on the list",
        "take it up with me if it breaks", "my manager can help", "it is the right place",
    ],
    "promises-follow-up": [
        "you can call us back", "will you send it", "did they call you", "we called you",
        "will that be all", "you will see a button on the left", "i will transfer you now",
        "let me send that", "someone called you", "how will you pay", "should i send it",
        "it was sent", "we received your letter", "i'll be happy to help",
        "as soon as you click the button it opens", "as soon as you receive it call us",
        "the option should be there on your screen", "you will see the menu",
        "you will have the option to pay", "will you get the form",
        "your card will be blocked now", "someone will be happy to help",
        "how will the card arrive", "will the refund go to my card", "i will give you a discount",
        "we will get that done right now", "the card will be free", "make sure you call us",
    ],
    "overpromise": [
        "there is no doubt about it", "i can't guarantee that", "i promise to keep it short",
        "we will try", "you will get an email", "that is not guaranteed",
        "the warranty covers one year", "i'm sure we can sort it out",
        "i'm not a hundred percent sure about that", "we guarantee all repairs for two years",
        "you will definitely be able to see it online", "i will definitely make a note",
        "there's no way of telling from here",
    ],
    "angry": [
        "i don't see any problem with that at all", "i can't complain about this one",
        "i'm not angry", "i am happy with it", "that is ridiculously cheap",
        "my husband was upset about the dog", "it is a waste bin", "the service was terrific",
        "i was told to call", "i'm not frustrated at all", "i had enough money on the account",
        "how long does it take", "this is good", "that's not a problem at all",
        "no it's been great", "what kind of service do you offer",
        "i got a text it's a fraud alert", "the signal is poor service in my area",
        "i had it with me yesterday", "i don't want to waste your time",
        "i want a waste collection", "is this a scam email", "i kept telling him to call you",
        "i'm mad about football", "what a lovely surprise", "i lost my card", "i lost my wallet",
        "i'm done with the form", "it was a joke", "i should be there by five",
        "that's a load off my mind", "this is a good company", "i have lost all my cards",
    ],
    "upset-perhaps": [
        "i have two cards", "i'd like a new card", "it is the second card", "can i pay on friday",
        "no problem", "i don't see any problem with that at all", "i can't complain",
        "this one is fine", "how long does it take", "i was told that i can do it here",
        "i'm terrible with computers", "i'm just making a joke",
        "that's not right it's forty five", "that's unbelievable thank you so much",
        "how long is the contract",
    ],
    "complains": [
        "i can't complain about this one", "no complaints", "nothing to complain about",
        "i did not come to complain", "i came to complete the form", "nothing to complain of",
    ],
    "wants-supervisor": [
        "i spoke to your manager and she was lovely", "i'm the manager of the shop",
        "is the branch manager in on friday", "i work as a supervisor",
        "the property manager told me to call", "i need the name of the branch",
        "my boss told me to open an account", "i manage the shop",
        "who is responsible for delivery", "can you connect me to the billing department",
        "put me down for friday", "is there anyone at the branch",
    ],
    "threatens": [
        "i pressed the press key", "my lawyer advised me to update my address",
        "i saw you on facebook", "i work for the police", "i read it in the newspaper",
        "i live near the court", "i'll report back to you", "i want to report a lost card",
        "i need to report a stolen card to the bank", "i want to put my card on google pay",
        "i have to go to the police first for the report", "i'd like to report this to you",
        "i saw all of it on facebook", "my address is nine court road",
        "i'll report it to you when it comes", "i need to send the form to the government",
        "i want to file a claim", "start a claim for my car",
        "i filed a claim against my insurance last year", "there is a bill all over my desk",
    ],
    "does-not-know": [
        "i don't see any problem with that at all",
        "i don't know if you are aware but there is a discount", "i'm not sure i heard that",
        "i didn't catch that", "i can do that", "i know", "we do offer that",
        "there is no way around the back", "i know it's not easy", "i'm sure about that",
    ],
    "blocks-complaint": [
        "you can't complain about the weather", "would you like to make a complaint",
        "i can log a complaint", "we take complaints seriously", "i will transfer you",
        "nothing to complain about then", "i'm transferring you to the complaints team",
        "no one will answer the phone after six",
        "there's no manager on the line yet but i'm getting one", "we do not have any open cases",
        "my manager will call you",
    ],
    "abuse": [
        "i never called you an idiot", "that offer is crazy good", "you are stupidly lucky",
        "are you crazy about football", "how stupid of me i clicked the wrong one",
        "i know it can drive you crazy", "letters sometimes get lost in the mail",
        "just screw off the lid", "if you get lost on the page press back",
    ],
    "complains-told-piecemeal": [
        "you told me it would be ready", "they said hello", "i come here every time",
        "nobody was there", "you said friday",
    ],
    "invites-rating": [
        "the exchange rate is two", "the interest rate is five percent", "stay on the line",
    ],
    "reads-it-back": [
        "as in the last call", "i have a new card for you", "okay thank you",
        "the spelling is fine", "can you repeat that zip code",
    ],
    "takes-it-on": [
        "that is not our department", "i don't know", "no", "you called us",
    ],
    "escalates": [
        "okay", "i understand your frustration", "thank you for telling me", "you can call us",
    ],
    "comforts": [
        "what is your account", "which card", "okay",
    ],
}  # fmt: skip


def found(name: str, sentences: list[str]) -> dict[str, bool]:
    """By sentence whether the rubric finds something of a list in it."""
    against = name in AGAINST
    wanted: dict[str, object] = {"by": "agent", "any": "$list"}
    lists = {"list": list(RUBRIC.phrases[name])}
    if name in UNLESS:
        wanted["unless"] = "$unless"
        lists["unless"] = list(RUBRIC.phrases[UNLESS[name]])
    if name in EXACT:
        wanted["match"] = "exact"
    criterion = json.dumps({"forbid" if against else "expect": {"said": wanted}})[1:-1]
    rules = compile_rubric(rubric(criterion, language="en", head=f"phrases: {json.dumps(lists)}"))
    out = {}
    for sentence in sentences:
        card = score(rules, said(("agent", sentence), language="en"), {})
        verdict = card.criteria()[0].verdict
        out[sentence] = verdict in ("fail", "held") if against else verdict == "pass"
    return out


@pytest.mark.parametrize("name", SAID)
def test_other_wordings_are_found(name: str) -> None:
    assert [s for s, there in found(name, SAID[name]).items() if not there] == []


@pytest.mark.parametrize("name", NOT_SAID)
def test_what_only_sounds_like_it_is_not(name: str) -> None:
    assert [s for s, there in found(name, NOT_SAID[name]).items() if there] == []
