require("total4");

global.HTTP("release", { ip: "127.0.0.1", port: Number(process.env.PORT) });
