import type { Language } from "./types";

/** What the audit's actions are called: between who and what, so that the three make a sentence. */
export const actionWords: Record<Language, Record<string, string>> = {
  zh: {
    "flow.create": "新建", "flow.update": "修改", "flow.discard": "丢弃草稿", "flow.retire": "停用", "flow.publish": "发布", "flow.rollback": "回滚", "flow_run.start": "开始", "flow_run.approve": "批准", "flow_run.refuse": "拒绝", "flow_run.cancel": "取消", "flow_run.compensate": "撤销", "flow_run.pause": "暂停", "flow_run.resume": "继续",
    "access.denied": "无权调用", "agent.drain": "设为维护", "agent.undrain": "结束维护", "agent.register": "接入", "agent.revoke": "吊销凭据", "agent.update": "更新",
    "agent.delete": "删除", "agent.file_read": "查看文件", "agent.file_download": "下载文件", "agent.file_upload": "手动上传文件", "agent.file_switch": "切换自动上传", "agent.file_put": "开始放文件到", "agent.file_put_finish": "放好文件到", "agent.file_put_cancel": "放弃放文件到", "agent.letters_replay": "重发死信", "agent.letters_drop": "放弃死信", "dead_letters.replay": "重放", "dead_letters.drop": "放弃", "dead_letters.stop": "停止重放", "api_token.create": "新建", "api_token.revoke": "吊销", "audit.verify": "校验", "centre.take_over": "接管旧版数据", "channel.test": "测试", "message.retry": "重发", "message_template.update": "修改", "message_template.delete": "恢复默认",
    "config.applied": "应用了配置", "config.failed": "拒绝了配置", "config.reverted": "自行退回配置", "config.offer": "下发配置到",
    "config.offer_again": "重新下发配置到", "config_layer.create": "新建", "config_layer.delete": "删除", "config_version.create": "写下",
    "enrolment_token.create": "新建", "enrolment_token.revoke": "吊销", "files.content": "查看文件", "files.level": "查看目录", "files.life": "查看文件经过",
    "files.switch": "切换自动上传", "files.upload": "手动上传", "group.create": "新建", "group.update": "修改", "group.delete": "删除",
    "key_ring.rotate": "更换密钥", "rollout.create": "开始", "rollout.move": "推进", "rollout.pause": "暂停", "rollout.resume": "继续",
    "rollout.promote": "忽略门禁继续", "rollout.abort": "回滚", "rule.create": "新建", "rule.update": "修改", "rule.publish": "发布", "rule.rollback": "回滚", "rule.enable": "启用", "rule.disable": "暂停", "rule.observe": "改为仅记录", "rule.order": "调整顺序", "rule.retire": "停用", "rule.discard": "丢弃草稿", "session.begin": "登录", "session.end": "退出", "task.assign": "分派", "task.cancel": "取消", "task.compensate": "撤销",
    "task.create": "新建", "task.finish": "结束", "task.retry": "重试", "task.start": "开始", "task.time_out": "判定超时", "tenant.create": "新建",
    "user.change": "修改", "user.create": "新建", "user.disable": "停用", "user.enable": "启用", "user.password": "重设密码",
    "view.create": "保存", "view.update": "修改", "view.delete": "删除", "view.put": "保存",
  },
  en: {
    "flow.create": "made", "flow.update": "changed", "flow.discard": "discarded the draft of", "flow.retire": "retired", "flow.publish": "put into force", "flow.rollback": "took back", "flow_run.start": "started", "flow_run.approve": "approved", "flow_run.refuse": "refused", "flow_run.cancel": "cancelled", "flow_run.compensate": "undid", "flow_run.pause": "paused", "flow_run.resume": "resumed",
    "access.denied": "was refused", "agent.drain": "drained", "agent.undrain": "took back into service", "agent.register": "registered", "agent.revoke": "revoked the credential of",
    "agent.update": "updated", "agent.file_read": "read a file of", "agent.file_download": "took away a file of", "agent.file_upload": "uploaded a file of", "agent.file_switch": "switched uploads of", "agent.file_put": "began to put a file onto", "agent.file_put_finish": "put a file onto", "agent.file_put_cancel": "gave up a file for", "agent.letters_replay": "had dead letters sent again by", "agent.letters_drop": "had dead letters dropped by", "dead_letters.replay": "replayed", "dead_letters.drop": "dropped", "dead_letters.stop": "stopped", "agent.delete": "removed", "api_token.create": "made", "api_token.revoke": "revoked", "audit.verify": "checked", "channel.test": "tried", "message.retry": "had sent again", "message_template.update": "changed", "message_template.delete": "gave up",
    "centre.take_over": "took over the old version's data", "config.applied": "applied its configuration", "config.failed": "refused its configuration",
    "config.reverted": "went back from its configuration", "config.offer": "offered a configuration to", "config.offer_again": "offered its configuration again to",
    "config_layer.create": "made", "config_layer.delete": "removed", "config_version.create": "wrote", "enrolment_token.create": "made",
    "enrolment_token.revoke": "revoked", "files.content": "read a file of", "files.level": "looked into a directory of", "files.life": "looked up a file of",
    "files.switch": "switched uploads of", "files.upload": "uploaded a file of", "group.create": "made", "group.update": "changed", "group.delete": "removed",
    "key_ring.rotate": "changed the key of", "rollout.create": "began", "rollout.move": "moved on", "rollout.pause": "paused", "rollout.resume": "resumed",
    "rollout.promote": "ignored the gates of", "rollout.abort": "took back", "rule.create": "made", "rule.update": "changed", "rule.publish": "put into force", "rule.rollback": "took back", "rule.enable": "enabled", "rule.disable": "disabled", "rule.observe": "let only note", "rule.order": "reordered", "rule.retire": "took out of force",
    "rule.discard": "threw the draft away of", "session.begin": "logged in", "session.end": "logged out", "task.assign": "assigned",
    "task.cancel": "cancelled", "task.compensate": "undone", "task.create": "made", "task.finish": "ended", "task.retry": "retried", "task.start": "began", "task.time_out": "timed out",
    "tenant.create": "made", "user.change": "changed", "user.create": "made", "user.disable": "shut out", "user.enable": "let in again",
    "user.password": "set the password of", "view.create": "saved", "view.update": "changed", "view.delete": "removed", "view.put": "saved",
  },
};
