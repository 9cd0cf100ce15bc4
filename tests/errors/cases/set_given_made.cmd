graphcli check given_made.yaml --set n=xx
