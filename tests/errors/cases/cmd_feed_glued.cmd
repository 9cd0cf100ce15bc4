graphcli run kinds.yaml --feed x=[1,2] --feed b=true --feed c={real:1,imag:2}
