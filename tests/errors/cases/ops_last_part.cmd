graphcli ops dense
