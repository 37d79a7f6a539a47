"""All of Turnout on one machine: ``make run``.

| what                    | file            |
|-------------------------|-----------------|
| the steps, in order     | __main__.py     |
| ports and directories   | places.py       |
| MiniStack, playing AWS  | ministack.py    |
| deploying the package   | deployment.py   |
| what SES would do       | mail_sink.py    |
| the mails, to look at   | inbox.py        |
| the demo event          | demo.py         |
"""
