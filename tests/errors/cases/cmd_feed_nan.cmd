graphcli run kinds.yaml --feed x=[1,nan] --feed b=true --feed c=1
