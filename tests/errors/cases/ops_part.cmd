graphcli ops softmax_cross
