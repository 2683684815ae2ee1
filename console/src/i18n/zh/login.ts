export const login = {
  "login.title": "登录",
  "login.name": "用户名",
  "login.password": "密码",
  "login.act": "登录",
  "login.busy": "正在登录",
  "login.wrong": "用户名或密码不对",
  "login.wait": "{s} 秒后再试",
  "login.again": "登录已过期",
  "login.again.sub": "重新登录后继续；这个页面和已输入的内容都还在。",
} as const;
