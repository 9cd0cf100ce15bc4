graphcli info empty.pb
