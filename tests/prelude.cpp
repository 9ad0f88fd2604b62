// The translation unit that compiles prelude.h.
int main() {}
