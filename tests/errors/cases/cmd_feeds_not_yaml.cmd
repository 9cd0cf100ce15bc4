graphcli run good.yaml --feeds unclosed_feeds.yaml
