graphcli diff - -
