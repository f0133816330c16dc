// What a program that imports the door sees besides the door itself.

@_exported public import MnemeModel
