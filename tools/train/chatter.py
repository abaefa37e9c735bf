"""What people say around what they ask: it must not move a request. Added to asked texts while training."""

from typing import Final

CHATTER: Final = """
hi there, could you do me a favour
thanks so much in advance, really appreciate it
I'm planning something for next weekend with my friends and family
I was wondering whether it is possible
my boss asked me this morning and I have no idea where to start
we are preparing for a meeting tomorrow at 9am
it's for a project I'm working on at school
I am curious and interested in this
as soon as possible please, it is urgent
sorry to bother you again
my name is John Smith and my email is john@example.com
my user id is 12345 and the date is 2023-05-14
the customer is waiting on the line
I just got back from holiday
can you give me some suggestions or recommendations
also provide me with some information about it
I'd be glad to have the details
I want to make sure that everything is right before Friday
my company is organizing an event in New York on March 10th
it's my birthday and I'd love to surprise my wife
I'm a student writing a report about it
I'm a huge fan and would love to know more
we're a small team of five in Berlin
remember, the deadline is the end of the month
yes, that's correct, go ahead
no, thank you, that's it for now
I need this for my blog
the other day someone told me about it
I'm new here and don't know how this works
by the way, the weather is nice today
let me know when you're done
our account number is 0047-11 and the amount is $250
first of all, then, after that, finally
using the API, with the help of a tool
could you assist me in finding out
I would like to
help me understand
we recently moved to a new office in London
for my daughter's homework
for the quarterly review with the board
it seems that something is wrong with it
just checking, no rush
the one we talked about yesterday
""".strip().splitlines()
