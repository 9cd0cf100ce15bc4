graphcli check spec_comment_only.yaml
