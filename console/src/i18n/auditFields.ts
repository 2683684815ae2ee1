import type { Language } from "./types";

/** What the fields of audit entries are called; those of documents keep the names that files give them. */
export const auditFields: Record<Language, Record<string, string>> = {
  zh: {
    begins_at_ms: "开始", ends_at_ms: "结束",
    hostname: "主机名", version: "版本", os: "系统", address: "地址", labels: "自报标签", set_labels: "指定的标签", group_id: "分组", group_name: "指定的分组", drain: "维护中",
    revoked: "已吊销", name: "名称", description: "说明", selector: "选择条件", priority: "优先级", thresholds: "门限", display_name: "显示名", role: "角色",
    may_log_in: "可以登录", has_password: "有密码", expires_at: "到期", group: "分组", max_uses: "最多使用次数", scopes: "权限", user: "用户", state: "状态",
    agent_id: "Agent", retry_count: "重试次数", failure_reason: "失败原因", reason: "原因", draft: "草稿", published: "生效版本", shared: "共享", query: "筛选", columns: "列", list_name: "列表", layer: "配置层", before: "之前的版本",
    status: "状态", wave: "批次", cause: "结束原因", "cause.code": "结束原因", "cause.by": "操作者", "cause.reason": "说明",
  },
  en: {
    begins_at_ms: "begin", ends_at_ms: "end",
    hostname: "Host name", version: "Version", os: "System", address: "Address", labels: "Own labels", set_labels: "Labels set here",
    group_id: "Group", group_name: "Group by name", drain: "Drained", revoked: "Revoked", name: "Name", description: "Description",
    selector: "Selector", priority: "Priority", thresholds: "Thresholds", display_name: "Display name", role: "Role", may_log_in: "May log in",
    has_password: "Has a password", expires_at: "Expires", group: "Group", max_uses: "Uses at most", scopes: "Permissions", user: "User",
    state: "State", agent_id: "Agent", retry_count: "Retries", failure_reason: "Why it failed", reason: "Reason", draft: "Draft",
    published: "Version in force", shared: "Shared", query: "Filters", columns: "Columns", list_name: "List", layer: "Layer", before: "Version before", status: "Status", wave: "Wave", cause: "Cause", "cause.code": "Cause",
    "cause.by": "By", "cause.reason": "Words",
  },
};
