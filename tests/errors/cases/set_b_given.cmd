graphcli diff given_ok.yaml given_ok.yaml --set-b n=no
