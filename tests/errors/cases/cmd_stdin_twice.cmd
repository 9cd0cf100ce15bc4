graphcli run - --feed x=@-
