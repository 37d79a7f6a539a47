"""All of Turnout on one machine: ``make run``.

| what                    | file            |
|-------------------------|-----------------|
| the steps, in order     | __main__.py     |
| ports and directories   | places.py       |
| MiniStack, playing AWS  | ministack.py    |
| what it has to be taught | taught.py       |
| deploying the package   | deployment.py   |
| the API's one address   | front_door.py   |
| what SES would do       | mail_sink.py    |
| the mails, to look at   | inbox.py        |
| what SES says of them   | ses_events.py   |
| the demo event          | demo.py         |
"""
